// Why a start came to nothing, said so that whoever typed the command knows what to do next.
import { isFree } from '#chassis/free-ports';

export class NotStarted extends Error {
  override readonly name = 'NotStarted';
  /** @param faults settings to correct, one a line; with any, the exit code is 2 as for every wrong usage */
  constructor(
    message: string,
    readonly faults: readonly string[] = [],
  ) {
    super(message);
  }

  get exitCode(): number {
    return this.faults.length > 0 ? 2 : 1;
  }
}

/** One refusal out of those of several services; what two of them say alike is said once. */
export function allOf(failures: readonly NotStarted[]): NotStarted {
  const faults = [...new Set(failures.flatMap((failure) => failure.faults))];
  if (faults.length > 0) {
    return new NotStarted(
      `没有启动：有${faults.length}项设置须改正，改正后重新启动。\n` +
        `Not started, ${faults.length} setting(s) to correct:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      faults,
    );
  }
  return new NotStarted([...new Set(failures.map(({ message }) => message))].join('\n'));
}

/** @param code of the system's error when the data folder was to be made or written to */
export function notAFolder(data: string, code: string): NotStarted {
  const [what, why] = folderFaults[code] ?? ['无法建立或写入', `cannot be made or written to (${code})`];
  return new NotStarted(
    `没有启动：数据目录 ${data} ${what}。请用 SANFANG_DATA 另指定一个本用户可以读写的文件夹，尚不存在的会自动建立。\n` +
      `Not started: the data folder ${data} ${why}. Name a folder that this user may write to with SANFANG_DATA.`,
    [`SANFANG_DATA: ${why}`],
  );
}

const folderFaults: Readonly<Record<string, readonly [what: string, why: string]>> = {
  EEXIST: ['是文件，不是文件夹', 'is a file'],
  ENOTDIR: ['的上级是文件，不是文件夹', 'lies under a file'],
  EACCES: ['本用户无权读写', 'may not be written to by this user'],
  EPERM: ['本用户无权读写', 'may not be written to by this user'],
  EROFS: ['位于只读磁盘上', 'lies on a read-only disk'],
  ENOSPC: ['所在磁盘已满', 'lies on a disk that is full'],
};

type Place = { readonly host: string; readonly port: number };

/** Asked before anything is touched: a start that cannot listen leaves no data folder behind. @throws NotStarted */
export async function demandFree(places: readonly Place[]): Promise<void> {
  const taken: number[] = [];
  for (const place of places) if (!(await isFree(place))) taken.push(place.port);
  if (taken.length === 0) return;
  throw new NotStarted(
    `没有启动：端口 ${taken.join('、')} 已被其他程序占用，可能本系统已在运行。` +
      '请先停止该程序，或用 SANFANG_PORT 另指定端口（连续六个端口的第一个，并用 SANFANG_DATA 另指定数据目录）。\n' +
      `Not started: port ${taken.join(', ')} is taken, maybe by a running instance. Stop it, or choose the ` +
      'first of six others with SANFANG_PORT.',
  );
}
