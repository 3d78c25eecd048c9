// How long it takes until tampering is noticed, in a region of three real agencies: a history rewritten with the stolen key
// and published; two histories shown to two readers, with no witness in league and with one; a stored row changed, before
// the agency's own fsck and before its scrub. A log in which a fork was found is followed no further, so each round has a
// region of its own, and in it each agency lies once.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client as Postgres } from 'pg';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { paths } from '#contracts/api';
import type { LedgerLine } from '#contracts/answers';
import type { Alarm } from '#contracts/witnesses';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { COSIGNER_KEY_TYPE, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import type { Client } from '../apps/region/src/client';
import { program } from '../apps/region/src/programs';
import { agreed, claim, ledger, until } from '../apps/region/src/scenario';
import type { Opened, Staff } from '../apps/region/src/scenario';
import { linked } from '../test/faults/link';
import type { Linked } from '../test/faults/link';
import { changed, entriesIn, filesOf, lastChanged, seedIn } from '../test/faults/other-history';
import { opened } from '../test/stories/world';
import type { BenchOptions } from './options';
import { against, round } from './rounds';

type Entries = readonly Uint8Array[];
type Scene = { readonly here: Linked; readonly story: Opened; readonly urls: Readonly<Record<Agency, string>> };
/** Seconds, by what was done. */
type Times = Record<string, number>;

const patience = 120;
const renamed = (entry: Uint8Array): Uint8Array => changed(entry, { id: randomUUID() });
const middle = (entries: Entries): number => Math.floor(entries.length / 2);
const rewritings: Readonly<Record<string, (entries: Entries) => Entries>> = {
  update: (all) => all.with(middle(all), changed(all[middle(all)] as Uint8Array)),
  insert: (all) => all.toSpliced(middle(all), 0, renamed(all[middle(all)] as Uint8Array)),
  reorder: (all) => [...all.slice(0, -2), all.at(-1) as Uint8Array, all.at(-2) as Uint8Array],
  deleteAndGrow: (all) => [...all.toSpliced(middle(all), 1), ...all.slice(-2).map(renamed)],
};

export async function measureDetect({ rounds = Object.keys(rewritings).length }: BenchOptions): Promise<object> {
  const times: Times[] = [];
  const postgres = await startTestPostgres();
  for (let nth = 0; nth < rounds; nth++) times.push(await oneRegion(postgres, nth));
  await postgres.stop();
  const of = (begin: string): number[] =>
    times.flatMap((each) => Object.entries(each).flatMap(([name, value]) => (name.startsWith(begin) ? [value] : [])));
  const worst = (begin: string): number => Math.max(...of(begin));
  return {
    unit: 'seconds',
    rounds: times,
    rewrittenAndShown: against(5, worst('rewritten'), 'lower'),
    splitView: against(10, worst('split'), 'lower'),
    ownFsck: against(60, worst('fsck'), 'lower'),
    ownScrub: against(60, worst('scrub'), 'lower'),
  };
}

async function oneRegion(postgres: TestPostgres, nth: number): Promise<Times> {
  const [commission, organization, inspection] = await Promise.all(agencies.map(() => postgres.fresh()));
  const urls = { commission, organization, inspection } as Record<Agency, string>;
  const named = agencies.map((agency) => [`${agency.toUpperCase()}_DATABASE_URL`, urls[agency]]);
  const here = await linked(Object.fromEntries(named));
  try {
    const scene = { here, urls, story: await opened(here) };
    await agreed(scene.story.cast, patience);
    const kinds = Object.keys(rewritings);
    return {
      ...(await changedRow(scene)),
      ...(await rewritten(scene, kinds[nth % kinds.length] as string)),
      ...(await inLeague(scene)),
      ...(await split(scene)),
    };
  } finally {
    await here.end();
  }
}

const origin = (agency: Agency): string => `${agency}.sanfang.example/events/v1`;
const logOf = ({ here }: Scene, agency: Agency): Uint8Array[] => entriesIn(join(here.region.folder(agency), 'log'));
const signed = ({ here }: Scene, agency: Agency, entries: Entries): Map<string, Uint8Array> =>
  filesOf(entries, origin(agency), seedIn(here.region.folder(agency), 'log.seed'));
const readerOf = ({ story }: Scene, agency: Agency): Client =>
  agency === 'inspection' ? story.cast.office : story.cast[agency];

/** Seconds from `begun` until an agency shows the alarm about another and holds the evidence file. */
async function alarmed(scene: Scene, reader: Agency, liar: Agency, begun: number): Promise<number> {
  const folder = join(scene.here.region.folder(reader), 'evidence');
  await until(
    `the ${reader} sounds the alarm about the ${liar}`,
    async () => {
      const alarms = await readerOf(scene, reader).get<Alarm[]>(paths.alarms);
      const files = alarms.some(({ agency }) => agency === liar) ? readdirSync(folder) : [];
      return files.some((name) => name.startsWith(`${liar}.`)) ? true : undefined;
    },
    patience,
  );
  return round((performance.now() - begun) / 1000, 2);
}

/** The organization department rewrites what the commission holds, and shows it with all signatures. */
async function rewritten(scene: Scene, kind: string): Promise<Times> {
  const entries = logOf(scene, 'organization');
  const change = rewritings[kind] as (all: Entries) => Entries;
  const files = signed(scene, 'organization', change(entries));
  const begun = performance.now();
  scene.here.link('commission', 'organization').files = files;
  return { [`rewritten: ${kind} of ${entries.length}`]: await alarmed(scene, 'commission', 'organization', begun) };
}

/** The commission lies and the organization department's witness cosigns it; the office is asked to do so as well. */
async function inLeague(scene: Scene): Promise<Times> {
  const { here } = scene;
  const files = signed(scene, 'commission', lastChanged(logOf(scene, 'commission')));
  const { text, signatures } = parseNote(files.get('checkpoint') as Uint8Array);
  const seed = seedIn(here.region.folder('organization'), 'witness.seed');
  const key = signingKey('organization.sanfang.example/witness/v1', COSIGNER_KEY_TYPE, seed);
  const note = addSignatures({ text, signatures }, cosign(text, BigInt(Math.floor(Date.now() / 1000)), key));
  const body = `old ${text.split('\n')[1]}\n\n${Buffer.from(note).toString('utf8')}`;
  const begun = performance.now();
  await fetch(`${here.region.feeds.inspection}/witness/add-checkpoint`, { method: 'POST', body });
  return { 'split, one in league': await alarmed(scene, 'inspection', 'commission', begun) };
}

/** The office shows one history to the commission, and another one, new to it, to the organization department. */
async function split(scene: Scene): Promise<Times> {
  const { here, story } = scene;
  const wire = here.link('organization', 'inspection');
  const before = logOf(scene, 'inspection').length;
  wire.set('cut');
  const [line] = (await ledger(story.cast.office)) as [LedgerLine];
  await claim(story.cast.staff.get(line.unitId) as Staff, line.issueId);
  await until('the commission holds the claim', () => held(scene, 'commission', before + 1), patience);
  wire.files = signed(scene, 'inspection', lastChanged(logOf(scene, 'inspection')));
  const begun = performance.now();
  wire.set('open');
  const readers = ['commission', 'organization'] as const;
  const [one, other] = await Promise.all(readers.map((reader) => alarmed(scene, reader, 'inspection', begun)));
  return { 'split, none in league: commission': one as number, 'split, none in league: organization': other as number };
}

async function held(scene: Scene, reader: Agency, size: number): Promise<true | undefined> {
  const [row] = await sql(scene, reader, 'select size from inbox.peer where origin = $1', origin('inspection'));
  return Number(row?.['size']) >= size ? true : undefined;
}

/** One bit of a stored entry: before fsck, while the service stands, and before the scrub that a start begins. */
async function changedRow(scene: Scene): Promise<Times> {
  const { here } = scene;
  const passEnded = 'select 1 from scrub.place where ended_at is not null';
  const flip = 'update log.entry set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) where index = 1';
  // A pass that was cut off goes on where it was; whole ones begin an hour after the last, or at a start.
  await until(
    'the first pass of the scrub has ended',
    async () => ((await sql(scene, 'inspection', passEnded)).length > 0 ? true : undefined),
    patience,
  );
  await sql(scene, 'inspection', flip);
  await here.region.stopAgency('inspection');
  let begun = performance.now();
  const code = await fsck(here);
  if (code !== 1) throw new Error(`fsck ended with ${code}`);
  const checked = round((performance.now() - begun) / 1000, 2);
  await here.region.launch('inspection');
  begun = performance.now();
  await until(
    'the scrub has found it',
    async () => ((await sql(scene, 'inspection', 'select 1 from scrub.damage')).length > 0 ? true : undefined),
    patience,
  );
  return { fsck: checked, 'scrub, from the start of a pass': round((performance.now() - begun) / 1000, 2) };
}

function fsck({ settings }: Linked): Promise<number> {
  const words = [program('apps/inspection/src/main'), 'fsck', '--json'];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, { env: { ...process.env, ...settings }, maxBuffer: 1 << 26 });
    child.once('exit', (code) => resolve(code ?? -1));
  });
}

type Row = Readonly<Record<string, string>>;

async function sql({ urls }: Scene, agency: Agency, text: string, ...parameters: unknown[]): Promise<Row[]> {
  const client = new Postgres({ connectionString: urls[agency] });
  await client.connect();
  try {
    return (await client.query<Row>(text, parameters)).rows;
  } finally {
    await client.end();
  }
}
