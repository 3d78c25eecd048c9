// `disclose` of one agency while its service is stopped: writes what somebody is to be shown of the private journal into a
// new file that only its owner can read.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { VerifierKey } from '#tlog/key';
import type { Config } from '../config';
import { demandData, UsageFault, withStopped } from '../fsck/run';
import { isUuid } from '../ids';
import { openKeys } from '../keys';
import { openLog, redacted } from '../logging';
import type { Slice } from '../slice';
import { rosterOf } from '../witness/roster';
import { CannotDisclose, makeAnchors, makeDisclosure } from './disclose';

const usage = '(EVENT_ID [--field NAME…] | --anchors) --out FILE';

export type Wanted = {
  /** Absent = all anchors. */
  readonly event?: string;
  /** Absent = all fields. */
  readonly fields?: readonly string[];
  readonly out: string;
};

/** @param words what follows the agency's name @throws UsageFault */
export function understand(words: readonly string[]): Wanted {
  const command = new Command('disclose').exitOverride().configureOutput({ writeErr: () => undefined });
  command.argument('[event]').option('--anchors').option('--field <name...>').requiredOption('--out <file>');
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
  const [event] = command.args;
  const { anchors = false, field, out } = command.opts<{ anchors?: boolean; field?: string[]; out: string }>();
  if (anchors === (event !== undefined)) throw new UsageFault(`either one event or --anchors: ${usage}`);
  if (anchors && field) throw new UsageFault('--field belongs to an event');
  if (event !== undefined && !isUuid(event)) throw new UsageFault(`${event} is not the id of an event`);
  return { out, ...(event !== undefined && { event: event.toLowerCase() }), ...(field && { fields: field }) };
}

/** @returns exit code: 0 written, 1 refused, 2 wrong usage */
export async function runDisclose(
  config: Config,
  _slices: readonly Slice[],
  words: readonly string[],
): Promise<number> {
  try {
    const { event, fields, out } = understand(words);
    demandData(config);
    const log = openLog('error', config.agency, process.stderr);
    const { log: key } = openKeys(config.folder, config.origin);
    const witnesses = await witnessesOf(config);
    const bytes = await withStopped(config, log, ({ store, database }) => {
      const parts = { store, sql: database, agency: config.agency, key, witnesses };
      return event === undefined ? makeAnchors(parts) : makeDisclosure(parts, event, fields);
    });
    write(out, bytes);
    const what = event === undefined ? '全部锚点 / all anchors' : `事件 / event ${event}`;
    const shown = fields ? `，字段 / fields ${fields.join(', ')}` : '';
    process.stderr.write(`${what}${shown}：已写入 / written to ${out}。文件含未公开内容，只交给应当知悉的人。\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`未披露 / not disclosed: ${String(redacted((error as Error).message))}\n`);
    return error instanceof UsageFault ? 2 : 1;
  }
}

async function witnessesOf(config: Config): Promise<VerifierKey[]> {
  const keys = await Promise.all(
    rosterOf(config)
      .seatsOf(config.origin)
      .map((seat) => seat.key()),
  );
  return keys.filter((key) => key !== undefined);
}

/** What was written once is never written over, and others on this machine do not read it. */
function write(file: string, bytes: Uint8Array): void {
  try {
    // As seen from where the command was typed; npm itself moves to the root.
    writeFileSync(resolve(process.env['INIT_CWD'] ?? '.', file), bytes, { mode: 0o600, flag: 'wx', flush: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CannotDisclose(`${file} cannot be written (${code}); name a file that is not there yet`, { cause });
  }
}
