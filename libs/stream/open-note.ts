// Opens what a peer signed. A peer that was not followed for longer than the overlap of a rotation signs with a key that
// is not known here: its log serves the notes by which one key handed over to the next, and these prove themselves.
import { openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { NoteFault, UnknownSigner } from '#tlog/note';
import type { PeerSource } from './peer-source';

/** Takes the notes beside a log; after it the key knows what they prove. @returns whether there was anything new */
export type Learn = (handovers: Uint8Array) => Promise<boolean>;

/** @throws NoteFault, and what the source throws when it is out of reach */
export async function openPeerNote(
  note: Uint8Array,
  key: VerifierKey,
  source: PeerSource,
  learn: Learn | undefined,
): Promise<OpenCheckpoint> {
  const demand = (opened: OpenCheckpoint): OpenCheckpoint => {
    if (key.second?.demanded !== true || opened.second) return opened;
    throw new NoteFault(`the checkpoint has no line of ${key.second.vkey}, which ${key.name} has announced`);
  };
  try {
    return demand(openCheckpoint(note, key));
  } catch (error) {
    const handovers = error instanceof UnknownSigner && learn && (await source.handovers?.());
    if (!handovers || !(await learn(handovers))) throw error;
    return demand(openCheckpoint(note, key));
  }
}
