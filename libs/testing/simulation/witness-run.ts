// An agency's witness and its knowledge of the others': judgement, signature and quorum are the product's (libs/tlog); the
// lock of libs/chassis/witness/witness.ts is one call to the simulated database.
import type { Agency } from '#kernel/envelope';
import { equal, fromBase64, toBase64 } from '#tlog/bytes';
import { addSignatures, openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { proveConsistency } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import { reachOf } from '#tlog/quorum';
import { tileHashReader, tilePath } from '#tlog/tile';
import { nothingCosigned, readAddCheckpoint, refusalOf, writeAddCheckpoint } from '#tlog/witness';
import type { Cosigned, WitnessRefusal } from '#tlog/witness';
import { agencyOf, logKeys, originOf, rules, witnessKeys } from './parties';
import type { Premises } from './place';
import type { DatabaseCall } from './ports';
import { listOf } from './recorder';
import type { Program } from './scheduler';
import type { CosignedRow } from './tables';
import type { World } from './world';

type Refuse = (last: Cosigned) => WitnessRefusal | undefined;

export class WitnessRun {
  /** Notes that need not be opened again. */
  private readonly taken = new WeakSet<Uint8Array>();

  constructor(
    private readonly world: World,
    private readonly premises: Premises,
    private readonly program: Program,
    private readonly call: DatabaseCall,
  ) {}

  /** Has another agency's witness not been seen to cosign the own newest checkpoint? */
  hasNews(to: Agency): boolean {
    const { tables, origin } = this.premises;
    return this.knownOf(to, origin) < BigInt(tables.checkpoints.at(-1)?.size ?? 0);
  }

  /** Has another agency's witness cosigned more of a log than is known here? */
  isBehind(witness: Agency, of: Agency): boolean {
    const size = this.world.premises[witness].tables.witnessed.get(originOf(of))?.size ?? 0n;
    const ours = of === this.premises.agency ? this.premises.tables.entries.length : this.premises.held(of).length;
    return size <= ours && this.knownOf(witness, originOf(of)) < size;
  }

  private knownOf(witness: Agency, origin: string): bigint {
    const { name } = witnessKeys[witness];
    return this.premises.tables.reach.get(name)?.get(origin) ?? 0n;
  }

  /** Cosigns what the own follower has proven of a peer's log. */
  async follow(peer: Agency): Promise<void> {
    const { premises } = this;
    const held = await premises.tables.inboxes.get(originOf(peer))!.load();
    if (held.stopped !== undefined || !held.checkpoint) return;
    const checkpoint = openCheckpoint(held.checkpoint, logKeys[peer]);
    const last = this.last(checkpoint.origin);
    if (checkpoint.size > held.frontier.size || checkpoint.size <= last.size) return;
    await this.cosign(checkpoint, held.checkpoint, (now) =>
      now.size < checkpoint.size ? undefined : { status: 409, size: now.size },
    );
  }

  /** `add-checkpoint`, as another agency asks it. @returns status */
  async add(body: Uint8Array): Promise<number> {
    const request = readAddCheckpoint(body, (origin) => logKeys[agencyOf(origin)]);
    if ('status' in request) return request.status;
    const { checkpoint, note } = request;
    const early = refusalOf(request, this.last(checkpoint.origin));
    if (early) return early.status;
    return this.cosign(checkpoint, note, (last) => refusalOf(request, last));
  }

  /** Shows the own newest checkpoint to another agency's witness. */
  async show(to: Agency): Promise<void> {
    const { premises, world, program } = this;
    const newest = premises.tables.checkpoints.at(-1);
    if (!newest) return;
    const { network } = world;
    const old = this.knownOf(to, premises.origin);
    const size = BigInt(newest.size);
    if (old >= size) return;
    const hashAt = tileHashReader(size, (level, n, width) => premises.disk.files.get(tilePath(level, n, width))!);
    let body: Uint8Array;
    try {
      const proof = old === 0n ? [] : proveConsistency(old, size, hashAt);
      body = writeAddCheckpoint(old, proof, Buffer.from(newest.note));
    } catch {
      // The files are being written anew; the next turn shows it.
      return;
    }
    world.recorder.send(premises.agency, `add-checkpoint ${size}`, body);
    await network.ask(program, [premises.agency, to], 'add-checkpoint', () => {
      const service = world.demandServing(to);
      void service.serve('add-checkpoint', () => service.witness.add(network.damaged(body)));
    });
  }

  /** Asks another agency's witness what it has cosigned of a log. */
  async gather(witness: Agency, of: Agency): Promise<void> {
    const { premises, world, program, call } = this;
    const note = await world.network.ask(program, [premises.agency, witness], `cosigned ${of}`, () => {
      world.demandServing(witness);
      const shown = world.premises[witness].tables.witnessed.get(originOf(of))?.note;
      if (shown) world.recorder.send(witness, `cosigned ${of}`, shown);
      return shown;
    });
    if (!note || this.taken.has(note)) return;
    const checkpoint = openCheckpoint(world.network.damaged(note), logKeys[of], [witnessKeys[witness]]);
    if (checkpoint.cosignatures.length === 0) return;
    const expected = this.rootAt(of, checkpoint.size);
    if (!expected || !equal(expected, checkpoint.root)) return;
    await call(`take ${witness} on ${of}`, () => this.take(checkpoint, witnessKeys[witness].name, note));
    this.taken.add(note);
    this.conclude(of);
  }

  /** Calls final what enough witnesses stand by. */
  private conclude(of: Agency): void {
    const { premises, world } = this;
    const origin = originOf(of);
    const rows = premises.tables.cosigned.filter((row) => row.origin === origin);
    const sizes = new Map<string, number>();
    for (const row of rows) {
      const name = agencyOf(row.witness);
      sizes.set(name, Math.max(sizes.get(name) ?? 0, Number(row.size)));
    }
    // Planted `final-from-one-witness`: the one that has seen most decides.
    const size = world.has('final-from-one-witness') ? Math.max(0, ...sizes.values()) : reachOf(rules[of], sizes);
    const finals = listOf(world.recorder.finals, premises.agency);
    if (size > 0 && !finals.some((each) => each.origin === origin && each.size === size)) {
      finals.push({ origin, size, cosigned: rows.map(({ witness, note }) => ({ origin, witness, note })) });
    }
  }

  /** @returns status: the root is that of the stored entries, and judgement and storing are one step */
  private async cosign(checkpoint: OpenCheckpoint, note: Uint8Array, refuse: Refuse): Promise<number> {
    const { premises, world, call } = this;
    const { origin, size, root, text } = checkpoint;
    const stored = this.rootAt(agencyOf(origin), size);
    // Planted `witness-signs-unheld`: a valid proof is enough, whatever is stored here.
    if (!world.has('witness-signs-unheld')) {
      if (!stored) return 503;
      if (!equal(stored, root)) return 422;
    }
    const key = witnessKeys[premises.agency];
    const line = cosign(text, BigInt(Math.floor(Math.max(premises.milliseconds(), 1_000) / 1_000)), key);
    const own = parseNote(note).signatures.filter(({ name }) => name === origin);
    const cosigned = addSignatures({ text, signatures: own }, line);
    const row: CosignedRow = { origin, witness: key.name, size, root: toBase64(root), note: cosigned };
    // Planted `non-atomic-witness`: what was judged is not what is stored over.
    const judged = world.has('non-atomic-witness') ? refuse(this.last(origin)) : undefined;
    if (judged) return judged.status;
    return call(`cosign ${origin} ${size}`, () => {
      const refused = world.has('non-atomic-witness') ? undefined : refuse(this.last(origin));
      if (refused) return refused.status;
      premises.tables.witnessed.set(origin, row);
      const held = premises.held(agencyOf(origin)).length;
      premises.cosigned.push({ origin, witness: key.name, note: cosigned, held });
      this.take(checkpoint, key.name, cosigned);
      return 200;
    });
  }

  private take({ origin, size, root }: OpenCheckpoint, witness: string, note: Uint8Array): void {
    const { cosigned, reach } = this.premises.tables;
    if (cosigned.some((row) => row.origin === origin && row.witness === witness && row.size === size)) return;
    cosigned.push({ origin, witness, size, root: toBase64(root), note });
    const of = reach.get(witness) ?? new Map<string, bigint>();
    reach.set(witness, of);
    if ((of.get(origin) ?? 0n) < size) of.set(origin, size);
  }

  private last(origin: string): Cosigned {
    const row = this.premises.tables.witnessed.get(origin);
    return row ? { size: row.size, root: fromBase64(row.root) } : nothingCosigned;
  }

  /** Root of a log as it is held here, undefined when it is shorter. */
  private rootAt(of: Agency, size: bigint): Uint8Array | undefined {
    const { premises } = this;
    if (of === premises.agency) {
      const row = premises.tables.checkpoints.find((each) => BigInt(each.size) === size);
      return row && fromBase64(row.root);
    }
    return premises.rootAt(of, size);
  }
}
