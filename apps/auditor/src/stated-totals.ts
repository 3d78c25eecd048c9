// What each agency has last said of its ledger (docs/spec/replay.md), held against the logs: folded anew to the sizes that
// it named, they must give the same. A second reading, because what counts lies in three logs at three places.
import type { Agency, Entry, Published } from '#kernel/envelope';
import { agencyNames } from '#contracts/agencies';
import type { PublishedData } from '#contracts/events';
import { apartOf } from '#joint/exchange/summary';
import { Recount } from '#joint/history/totals';
import { ledger } from '#joint/ledger/ledger';
import { fromUtf8, toHex } from '#tlog/bytes';
import { leafHash } from '#tlog/merkle';
import { readLogs } from './readings';
import type { ReadLog } from './readings';
import type { Finding } from './sentences';
import type { AuditOptions } from './verify';

type Stated = {
  readonly agency: Agency;
  readonly origin: string;
  readonly index: number;
  readonly data: PublishedData<'commission.totals-published.v1'>;
};

/** Gathers the newest totals of each log while it is read. */
export class StatedTotals {
  private readonly newest = new Map<string, Stated>();

  take({ agency, origin, type, data, address }: Published): void {
    if (type !== `${agency}.totals-published.v1` || !address) return;
    this.newest.set(origin, { agency, origin, index: address.index, data: data as Stated['data'] });
  }

  /**
   * @param logs that were read and verified; totals at places that they do not reach are not judged
   * @param agencies whose log each is
   */
  async judge(
    logs: readonly ReadLog[],
    agencies: ReadonlyMap<string, Agency>,
    options: AuditOptions,
  ): Promise<Finding[]> {
    const reached = [...this.newest.values()].filter(
      ({ data: { sizes, version } }) =>
        version === ledger.version &&
        Object.entries(sizes).every(([origin, size]) => size <= (logs.find((log) => log.origin === origin)?.size ?? 0)),
    );
    if (reached.length === 0) return [];
    const recounts = reached.map((stated) => ({ stated, recount: new Recount() }));
    await readLogs(
      logs.map(({ target }) => target),
      options,
      (origin) => (bytes, index) => {
        const agency = agencies.get(origin);
        const wanted = recounts.filter(({ stated }) => index < (stated.data.sizes[origin] ?? 0));
        if (!agency || wanted.length === 0) return;
        const entry = JSON.parse(fromUtf8(bytes)) as Entry;
        const address = { origin, index, hash: toHex(leafHash(bytes)) };
        for (const { recount } of wanted) recount.take(agency, address, entry);
      },
    );
    return recounts.flatMap(({ stated, recount }) => findingOf(stated, recount));
  }
}

function findingOf({ agency, origin, index, data }: Stated, recount: Recount): Finding[] {
  const apart = recount.setAside === 0 ? apartOf(data, recount) : undefined;
  if (!apart) return [];
  const which = apart.number === undefined ? '' : `,首个涉及问题 ${apart.number}(${apart.origin} 第 ${apart.index} 条)`;
  const what = `${agencyNames[agency]}${data.day}公布的总数与三家日志重算不同${which}`;
  return [{ verdict: 'DIVERGED', origin, index, what, reason: 'its stated totals are not what the logs give' }];
}
