import type { Overview } from '#contracts/answers';
import { clock } from '../kit/format';
import { agencyWords, peerWords } from '../kit/labels';

const shapes = { following: '●', unreachable: '◆', stopped: '▲' } as const;

function detailOf(peer: Overview['peers'][number]): string {
  if (peer.state !== 'following' && peer.message !== '') return peer.message;
  const passed = peer.verifiedAt === '' ? '' : `，${clock(peer.verifiedAt)}通过`;
  return `已核验${peer.size}条${passed}；已见证我方${peer.cosigned}条`;
}

/** How this agency stands to the other two: what it has verified of their records, and when. */
export function PeerStates({ peers, witnessing }: Pick<Overview, 'peers' | 'witnessing'>) {
  if (peers.length === 0) return null;
  return (
    <section aria-label="其他机构的记录">
      <ul className="peers">
        {peers.map((peer) => (
          <li key={peer.origin} className={`peer peer-${peer.state}`}>
            <span aria-hidden="true">{shapes[peer.state]} </span>
            {agencyWords[peer.agency]}：{peerWords[peer.state]}
            <span className="sub"> {detailOf(peer)}</span>
          </li>
        ))}
      </ul>
      {witnessing.weak && <p className="peer-unreachable">◆ {witnessing.sentence}</p>}
    </section>
  );
}
