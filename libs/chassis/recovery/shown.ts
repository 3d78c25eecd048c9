// What others hold of the own log: every peer is asked for its mirror and for what its witness cosigned last. Only notes
// of the own key count, and each of them binds: a signature that anybody has seen cannot be taken back.
import { blobPass } from '#stream/blob-pass';
import { getBytes, NotServed } from '#stream/http-get';
import { httpSource } from '#stream/http-source';
import { openCheckpoint } from '#tlog/checkpoint';
import type { SigningKey, VerifierKey } from '#tlog/key';
import type { LogSource } from '#tlog/log-reader';
import { MAX_NOTE_SIZE, NoteFault } from '#tlog/note';
import { copyNamed } from '../copies/keeping';
import { maxCopyBytes } from '../copies/making';
import { mirrorName } from '../mirror.api';

/** Nothing was changed; the message says what to do. */
export class RecoveryRefused extends Error {
  override readonly name = 'RecoveryRefused';
}

/** A state of the own log under the own signature. `by` = who shows it. */
export type Shown = { readonly size: bigint; readonly root: Uint8Array; readonly by: string };

export type Holder = {
  readonly name: string;
  readonly source: Pick<LogSource, 'bundle' | 'tile'>;
  /** Entries that it offers. */
  readonly mirrored: bigint;
  /** The sealed copy in which the events of an entry are, if it keeps one. */
  readonly copy: (index: bigint) => Promise<Uint8Array | undefined>;
};

/** How others are asked. */
export type Asking = {
  /** @throws NotServed with status 404 when there is nothing */
  readonly read: (url: string) => Promise<Uint8Array>;
  readonly source: (url: string) => Holder['source'];
  readonly copies: (mirror: string, signer: SigningKey) => Holder['copy'];
};

const silenceMs = 5_000;
const overHttp: Asking = {
  read: (url) => getBytes(url, MAX_NOTE_SIZE, { silenceMs, signal: AbortSignal.timeout(2 * silenceMs) }),
  source: httpSource,
  copies: copiesAt,
};

/**
 * @param urls of peers' feeds
 * @param key of the own log, which also signs the passes for copies
 * @throws RecoveryRefused when one of them does not answer
 */
export async function askHolders(
  urls: readonly string[],
  key: SigningKey,
  { read, source, copies }: Asking = overHttp,
): Promise<{ readonly holders: readonly Holder[]; readonly shown: readonly Shown[] }> {
  const holders: Holder[] = [];
  const shown: Shown[] = [];
  for (const url of urls) {
    const base = url.replace(/\/+$/, '');
    const mirror = `${base}/mirror/${mirrorName(key.name)}`;
    const mirrored = await signedNote(base, read(`${mirror}/checkpoint`), key);
    const cosigned = await signedNote(base, read(`${base}/witness/${mirrorName(key.name)}/checkpoint`), key);
    const copy = copies(mirror, key);
    if (mirrored) holders.push({ name: base, source: source(mirror), mirrored: mirrored.size, copy });
    for (const note of [mirrored, cosigned]) if (note) shown.push({ ...note, by: base });
  }
  return { holders, shown };
}

/** What a mirror keeps of the events, asked for with the pass of its owner. */
export function copiesAt(mirror: string, signer: SigningKey): Holder['copy'] {
  return async (index) => {
    const authorization = blobPass(signer, copyNamed(index), new Date().toISOString());
    try {
      return await getBytes(`${mirror}/copy/${index}`, maxCopyBytes, { silenceMs, headers: { authorization } });
    } catch (error) {
      if (error instanceof NotServed && error.status === 404) return undefined;
      throw new RecoveryRefused(`${mirror} does not give its copies now: ${(error as Error).message}`);
    }
  };
}

async function signedNote(
  peer: string,
  note: Promise<Uint8Array>,
  key: VerifierKey,
): Promise<{ readonly size: bigint; readonly root: Uint8Array } | undefined> {
  try {
    const { size, root } = openCheckpoint(await note, key);
    return { size, root };
  } catch (error) {
    // It holds nothing, or something that this key did not sign and that says nothing of us.
    if (error instanceof NoteFault || (error instanceof NotServed && error.status === 404)) return undefined;
    const why = (error as Error).message;
    throw new RecoveryRefused(
      `${peer} does not answer (${why}). It may have seen more than the others: wait for it, or, if it is gone for good, ` +
        'leave it out with --without AGENCY',
    );
  }
}
