// Whoever changes one byte of what an agency keeps, wherever it is kept, is found: the audit names origin and index.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import { agreed, claim, ledger } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { asAdministrator, audit, opened, rewriteStored, world } from './world';
import type { World } from './world';

let here: World;
let story: Opened;

beforeAll(async () => {
  // The scrub would heal what is changed here before an audit sees it.
  here = await world({ env: { SCRUB_PER_SECOND: '0' } });
  story = await opened(here);
  for (const line of await ledger(story.cast.office))
    await claim(story.cast.staff.get(line.unitId) as Staff, line.issueId);
  await agreed(story.cast);
});
afterAll(() => here?.end());

/** Widest file of a folder of tiles or bundles (partial widths are the names in `*.p`). */
function widest(folder: string): string {
  const partial = readdirSync(folder).find((name) => name.endsWith('.p') && readdirSync(join(folder, name)).length > 0);
  if (partial === undefined) throw new Error(`no partial file under ${folder}`);
  const widths = readdirSync(join(folder, partial))
    .map(Number)
    .sort((a, b) => b - a);
  return join(folder, partial, String(widths[0]));
}

/** Changes one byte, runs the check, puts the byte back. */
async function withByteChanged(path: string, at: number, check: () => Promise<void>): Promise<void> {
  const whole = readFileSync(path);
  const changed = Buffer.from(whole);
  changed[at] = (changed[at] as number) ^ 0x01;
  writeFileSync(path, changed);
  try {
    await check();
  } finally {
    writeFileSync(path, whole);
  }
}

describe.each(agencies)('one byte changed in the %s', (agency) => {
  const folder = (): string => join(here.region.folder(agency), 'log');

  it('in a stored entry is named by its index', async () => {
    const bundle = widest(join(folder(), 'tile/entries'));
    await withByteChanged(bundle, statSync(bundle).size - 5, async () => {
      const width = Number(bundle.split('/').at(-1));
      const { code, result } = await audit([folder()]);
      expect(code).toBe(1);
      expect(result.ok).toBe(false);
      expect(result.origin).toContain(agency);
      expect(Number(result.index)).toBe(width - 1);
    });
  });

  it('in a tile is named by the leaf it stands for', async () => {
    const tile = widest(join(folder(), 'tile/0'));
    await withByteChanged(tile, 3, async () => {
      const { code, result } = await audit([folder()]);
      expect(code).toBe(1);
      expect(result.origin).toContain(agency);
      expect(Number(result.index)).toBe(0);
    });
  });

  it('in an event of its own store is named by the index of its entry', async () => {
    const entries = await asAdministrator(here, agency, (postgres) =>
      postgres.query<{ index: string; position: string }>(
        'select index, position from log.entry order by index limit 2',
      ),
    );
    const { index, position } = entries.rows.at(-1) as { index: string; position: string };
    const undo = await rewriteStored(here, agency, position, (before) => {
      const after = before.replace(/[0-9a-z](?="[,}])/, (letter) => (letter === '1' ? '2' : '1'));
      expect(after).not.toBe(before);
      expect(after).toHaveLength(before.length);
      return after;
    });
    try {
      const { code, result } = await audit([here.region.urls[agency]]);
      expect(code).toBe(1);
      expect(result.origin).toContain(agency);
      expect(Number(result.index)).toBe(Number(index));
      expect(result.what).toMatch(/^机关自查发现[^a-z]+$/);
    } finally {
      await undo();
    }
  });

  it('in the checkpoint is named by its origin', async () => {
    const path = join(folder(), 'checkpoint');
    expect(existsSync(path)).toBe(true);
    await withByteChanged(path, readFileSync(path).indexOf('\n') + 1, async () => {
      const { code, result } = await audit([folder()]);
      expect(code).toBe(1);
      expect(result.ok).toBe(false);
    });
  });
});
