// A private act is proven afterwards, before strangers, by what three real services left behind; and an agency that goes
// silent is told of on the others' pages.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paths } from '#contracts/api';
import type { Alarm } from '#contracts/witnesses';
import { program } from '../../apps/region/src/programs';
import { until } from '../../apps/region/src/scenario';
import type { Opened } from '../../apps/region/src/scenario';
import { asAdministrator, opened, world } from './world';
import type { World } from './world';

/** Seconds. */
const patience = 60;
let here: World;
let story: Opened;

beforeAll(async () => {
  here = await world({ env: { ANCHOR_EVERY: '2' } });
  story = await opened(here);
});
afterAll(() => here?.end());

async function run(name: string, words: readonly string[]): Promise<{ code: number; said: string }> {
  const env = { ...process.env, ...here.settings };
  const running = promisify(execFile)(process.execPath, [program(name), ...words], { env });
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }),
  );
}

/** Keys as a stranger would be given them. */
function keysOf(): string[] {
  const names = ['inspection', 'commission.witness', 'organization.witness'];
  return names.flatMap((name) => ['--vkey', readFileSync(join(here.data, 'trust', `${name}.vkey`), 'utf8').trim()]);
}

describe('the journal of an agency', () => {
  let event: string;

  it('holds what it never published, below an anchor that the others carry and cosign', async () => {
    event = await until(
      'an event that stayed inside is below two cosigned anchors',
      () =>
        asAdministrator(here, 'inspection', async (postgres) => {
          const { rows } = await postgres.query<{ id: string; size: string; index: string }>(
            `select leaf.id, leaf.index from journal.leaf as leaf left join log.entry as entry on entry.id = leaf.id
             where entry.id is null order by leaf.index limit 1`,
          );
          const [anchors] = (
            await postgres.query<{ count: string }>(
              `select count(*) from log.entry where convert_from(bytes, 'UTF8') like '%journal-anchored%' and index <
                 (select coalesce(min(size), 0) from (select max(size) as size from witness.cosignature
                  where origin like 'inspection%' group by witness) as each)`,
            )
          ).rows;
          return rows[0] && Number(anchors?.count) >= 2 ? rows[0].id : undefined;
        }),
      patience,
    );
    expect(event).toBeDefined();
  });

  it('is shown, one event or all anchors, while the service is stopped, and checked with the keys alone', async () => {
    const log = join(here.region.folder('inspection'), 'log');
    const [one, all] = [join(here.data, 'one.disclosure'), join(here.data, 'all.anchors')];
    expect((await run('libs/chassis/disclose-cli', ['inspection', event, '--out', one])).code).toBe(1);
    await here.region.stopAgency('inspection');
    const made = await run('libs/chassis/disclose-cli', ['inspection', event, '--field', 'type', 'at', '--out', one]);
    expect(made).toMatchObject({ code: 0, said: expect.stringContaining('已写入') });
    expect(await run('libs/chassis/disclose-cli', ['inspection', '--anchors', '--out', all])).toMatchObject({
      code: 0,
    });
    const checked = await run('apps/auditor/src/main', ['disclosure', one, ...keysOf()]);
    expect(checked).toMatchObject({ code: 0, said: expect.stringContaining(`事件 ${event}`) });
    expect(checked.said).toMatch(/见证方于 .*见证的第 \d+ 个锚点中已有/);
    const opens = await run('apps/auditor/src/main', ['anchors', all, log, '--json']);
    // On a busy machine two seconds may become five: a silence, not a contradiction.
    expect(opens.said).not.toContain('INVALID');
    expect([0, 3]).toContain(opens.code);
    expect((await run('libs/chassis/fsck-cli', ['inspection', '--no-views'])).said).toContain('完好');
  });

  it('is not to be found in what the others hold', async () => {
    const secrets = await asAdministrator(here, 'commission', async (postgres) => {
      const { rows } = await postgres.query<{ text: string }>(
        `select convert_from(bytes, 'UTF8') as text from inbox.entry where origin like 'inspection%'`,
      );
      return rows.map(({ text }) => text).join('\n');
    });
    expect(secrets).toContain('journal-anchored');
    expect(secrets).not.toContain('/private/v1');
    expect(secrets).not.toContain(event);
  });

  it('goes silent, and the others are told on every page', async () => {
    for (const reader of [story.cast.commission, story.cast.organization]) {
      const alarm = await until(
        'the silence is told',
        async () => (await reader.get<Alarm[]>(paths.alarms)).find(({ agency }) => agency === 'inspection'),
        patience,
      );
      expect(alarm.sentence).toMatch(/^锚点缺失：.*巡视办/);
    }
    await here.region.launch('inspection');
    await until(
      'its anchors are back',
      async () => ((await story.cast.commission.get<Alarm[]>(paths.alarms)).length === 0 ? true : undefined),
      patience,
    );
  });
});
