// The agency's secrets on disk, made at the first start, and the verifier keys that agencies on one machine leave for
// each other. A secret that others can read is no secret: the service then refuses to start.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey, signingKey, turnsOf } from '#tlog/key';
import type { SigningKey, VerifierKey } from '#tlog/key';
import { hostOf } from '#tlog/policy';
import type { Agency } from '#kernel/envelope';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { NoteFault } from '#tlog/note';
import { demandPossession, writePossession } from '#tlog/possession';
import type { Config, PeerConfig } from './config';
import { openTurns } from './key-turns';
import { BadKey, createOnce, openSecret, openSecrets } from './secret-file';

export { BadKey } from './secret-file';

export type Keys = {
  /**
   * Signs the checkpoints of the agency's log; its name is the log's origin. After a rotation the newest key, which
   * knows its predecessors and so verifies all that the log ever signed.
   */
  readonly log: SigningKey;
  readonly vkey: string;
  /** Cosigns the checkpoints of other logs. A seed of its own: a cosignature does not cover the signer's name. */
  readonly witness: SigningKey;
  readonly witnessVkey: string;
  /** The notes by which keys handed over to keys (docs/spec/keys.md), to be announced in the own log. */
  readonly handovers: readonly string[];
  /** Signs the checkpoints of the agency's private journal of this origin. */
  readonly journal: (origin: string) => SigningKey;
  /** 32 bytes; salts of stored events are derived from it. */
  readonly commitKey: Uint8Array;
  /** 32 bytes each, the newest last: they open the copies of the own events that the peers keep. */
  readonly recovery: readonly Uint8Array[];
};

/**
 * @param at milliseconds since 1970: a predecessor signs until its overlap ends
 * @throws BadKey for a damaged key file or one that others may read
 */
export function openKeys(folder: string, origin: string, at = Date.now()): Keys {
  // Others may pass through the agency's folder (the embedded server runs as a user of its own), not list it.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const own = join(folder, 'keys');
  const log = openTurns(own, { role: 'log', name: origin, type: LOG_KEY_TYPE }, at);
  const witness = openTurns(own, { role: 'witness', name: witnessName(origin), type: COSIGNER_KEY_TYPE }, at);
  const journal = openSecret(join(own, 'journal.seed'));
  return {
    log: log.signer,
    vkey: formatVkey(log.signer),
    witness: witness.signer,
    witnessVkey: formatVkey(witness.signer),
    handovers: [...log.handovers, ...witness.handovers],
    journal: (name) => signingKey(name, LOG_KEY_TYPE, journal),
    commitKey: openSecret(join(own, 'commit.key')),
    recovery: openSecrets(join(own, 'recovery.key')),
  };
}

/** Whether keys were ever made here. */
export function hasKeys(folder: string): boolean {
  return existsSync(join(folder, 'keys', 'commit.key'));
}

/** Name of the witness key of the agency whose log has this origin: the same host. */
export function witnessName(origin: string): string {
  return `${hostOf(origin)}/witness/v1`;
}

/**
 * Leaves an own verifier key where peers on this machine look for it, once: also after a rotation they begin with the
 * key that stands there and follow its handovers.
 * @param role names the file: `commission`, `commission.witness`
 * @throws BadKey when a key stands there that is none of this one's: peers would take the log for a forgery
 */
export function announceKey(trustFolder: string, role: Agency | `${Agency}.witness`, key: VerifierKey): void {
  const path = join(trustFolder, `${role}.vkey`);
  const vkey = formatVkey(key);
  createOnce(path, `${vkey}\n`, 0o644, 0o755);
  const known = readFileSync(path, 'utf8').trim();
  if (turnsOf(key).some((turn) => formatVkey(turn.key) === known)) return;
  throw new BadKey(
    `${path} holds another key of this agency (${known}) than its key folder (${vkey}): ` +
      'restore the keys folder from its backup, or remove the data folder if this is a new beginning',
  );
}

/** Both verifier keys of the agency, for its peers on this machine. @throws BadKey */
export function announceKeys({ agency, trustFolder }: Pick<Config, 'agency' | 'trustFolder'>, keys: Keys): void {
  const both = [[agency, keys.log] as const, [`${agency}.witness`, keys.witness] as const];
  // All proofs first: a peer that finds a key looks for them at once.
  for (const [role, key] of both) leaveProof(join(trustFolder, `${role}.vkey`), keys.log.name, key);
  for (const [role, key] of both) announceKey(trustFolder, role, key);
}

/** Beside the key, once; a key that has handed over since is proven by the notes of its chain. */
function leaveProof(path: string, origin: string, key: SigningKey): void {
  const vkey = formatVkey(key);
  if (existsSync(path) && readFileSync(path, 'utf8').trim() !== vkey) return;
  createOnce(proofBeside(path), possessionOf(origin, key), 0o644, 0o755);
}

/** The note by which a key shows that its holder has it. */
export function possessionOf(origin: string, key: SigningKey): string {
  return fromUtf8(writePossession(origin, key, BigInt(Math.floor(Date.now() / 1000))));
}

function proofBeside(path: string): string {
  return path.replace(/vkey$/, 'proof');
}

/** Files in which a peer's keys would prove themselves, and which are not there. */
export function missingProofs(trustFolder: string, agency: Agency): string[] {
  return [agency, `${agency}.witness`]
    .map((role) => proofBeside(join(trustFolder, `${role}.vkey`)))
    .filter((path) => !existsSync(path));
}

/**
 * Verifier key of a peer: from the configuration, else from the trust folder.
 * @returns undefined while the peer has not left its key there yet
 * @throws BadKey when the key there is damaged or bears another name than the peer's log
 */
export function peerKey(trustFolder: string, peer: PeerConfig): Promise<VerifierKey | undefined> {
  return trustedKey(join(trustFolder, `${peer.agency}.vkey`), peer.vkey, peer.origin, peer);
}

/** Verifier key of a peer's witness, found like the log's. */
export function peerWitnessKey(trustFolder: string, peer: PeerConfig): Promise<VerifierKey | undefined> {
  const path = join(trustFolder, `${peer.agency}.witness.vkey`);
  return trustedKey(path, peer.witness, witnessName(peer.origin), peer);
}

async function trustedKey(
  path: string,
  given: string | undefined,
  name: string,
  { agency, origin }: PeerConfig,
): Promise<VerifierKey | undefined> {
  const text = given ?? (await readFile(path, 'utf8').catch(ifMissing));
  if (text === undefined) return undefined;
  const where = given === undefined ? path : 'the configured key';
  let key: VerifierKey;
  try {
    key = parseVkey(text);
  } catch (cause) {
    throw new BadKey(`${where} is no verifier key; ask the ${agency} for its key`, { cause });
  }
  if (key.name !== name) {
    throw new BadKey(`${where} is named ${key.name}, what the ${agency} signs is ${name}; correct one of them`);
  }
  await demandProof(proofBeside(path), key, agency, origin);
  return key;
}

/** A proof that is there must hold. @throws BadKey */
async function demandProof(path: string, key: VerifierKey, agency: Agency, origin: string): Promise<void> {
  const note = await readFile(path, 'utf8').catch(ifMissing);
  if (note === undefined) return;
  try {
    // Copied by hand, a note may have gained an empty line.
    demandPossession(utf8(`${note.trim()}\n`), origin, key);
  } catch (cause) {
    if (!(cause instanceof NoteFault)) throw cause;
    throw new BadKey(
      `${path} does not prove that the ${agency} has the key ${formatVkey(key)}; ` +
        `ask it for what "npm run key-proof -- ${agency}" prints and compare the keys`,
      { cause },
    );
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
