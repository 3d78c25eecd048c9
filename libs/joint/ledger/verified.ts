// The sentence that says whether a record was altered, in the words of ux.md section 5. It never says more than is so: who
// has witnessed, since when, and for whom it still waits.
import type { Agency } from '#kernel/envelope';
import { agencyNames } from '#contracts/agencies';
import type { IssuePage, TimelineEntry } from '#contracts/answers';
import { civilMinuteOf } from '../civil-time';
import type { ReachOf } from './witnessed';

export type PeerStanding = {
  readonly agency: Agency;
  readonly state: 'following' | 'unreachable' | 'stopped';
  /** RFC 3339; empty before the first time. */
  readonly verifiedAt: string;
};
export type Standing = {
  readonly reach: ReachOf;
  /** RFC 3339: when a witness first stood by the oldest entry; empty while none does. */
  readonly since: string;
  readonly peers: readonly PeerStanding[];
};

type Entry = Pick<TimelineEntry, 'agency' | 'origin' | 'index' | 'witness'>;
const numerals = ['', '一', '两', '三', '四', '五', '六'];
const how =
  '每条记录都有指纹，新指纹包含旧指纹；三家各存一份指纹，改一处就对不上。核验说明记录没有被改过，不说明所写内容属实。';

export function verificationOf(entries: readonly Entry[], standing: Standing): IssuePage['verification'] {
  const checked = entries.filter(({ index }) => index !== undefined).length;
  const pending = entries.filter(({ witness }) => witness !== 'final');
  const waiting = pending.length;
  const lying = standing.peers.find(
    ({ agency, state }) => state === 'stopped' && entries.some((entry) => entry.agency === agency),
  );
  if (lying) {
    const sentence = `发现不一致：${agencyNames[lying.agency]}的日志前后矛盾，与本机构留存的不同。请勿改动，证据已保存，请告知系统管理员会同三方核对。`;
    return { state: 'failed', sentence, how, checked, waiting };
  }
  const since = standing.since === '' ? '' : civilMinuteOf(standing.since);
  if (waiting === 0 && since !== '') {
    const parties = partiesOf(entries, standing.reach);
    const sentence = `此记录自${since}起未被改动，已由${numerals[parties] ?? parties}方共同见证。`;
    return { state: 'ok', sentence, how, checked, waiting };
  }
  return { state: 'partial', sentence: partly(entries, pending, since, standing), how, checked, waiting };
}

function partly(
  entries: readonly Entry[],
  pending: readonly Entry[],
  since: string,
  { reach, peers }: Standing,
): string {
  const allByOne = since !== '' && entries.every(({ witness }) => witness !== 'recorded');
  const begins = allByOne
    ? `此记录自${since}起未被改动，已由两方共同见证`
    : `已核验${entries.filter(({ index }) => index !== undefined).length}条`;
  const unlogged = pending.filter(({ index }) => index === undefined).length;
  if (unlogged === pending.length) return `${begins}，${unlogged}条正在写入日志（一般1分钟内）。`;
  const missing = missingOf(pending, reach);
  const names = missing.map((agency) => agencyNames[agency]).join('、');
  const away = peers.filter(({ agency, state }) => missing.includes(agency) && state === 'unreachable');
  const waits = `${begins}，${pending.length}条等待${names === '' ? '足够的见证方' : names}见证`;
  if (away.length === 0) return `${waits}（一般1分钟内）。`;
  const gone = away.map(({ agency, verifiedAt }) => {
    const last = verifiedAt === '' ? '' : `，上次核验${civilMinuteOf(verifiedAt).slice(11)}通过`;
    return `暂时连不上${agencyNames[agency]}${last}`;
  });
  return `${waits}；${gone.join('；')}。`;
}

/** Agencies whose cosignature some pending entry still lacks. */
function missingOf(pending: readonly Entry[], reach: ReachOf): Agency[] {
  const missing = pending.flatMap(({ origin, index }) => {
    if (origin === undefined || index === undefined) return [];
    return reach(origin).by.flatMap(({ agency, size }) => (agency !== undefined && size <= index ? [agency] : []));
  });
  return [...new Set(missing)];
}

/** The log's own agency, and those that have cosigned every entry. */
function partiesOf(entries: readonly Entry[], reach: ReachOf): number {
  const counts = entries.map(({ origin, index }) => {
    if (origin === undefined || index === undefined) return 0;
    return reach(origin).by.filter(({ size }) => size > index).length;
  });
  return 1 + Math.min(...counts);
}
