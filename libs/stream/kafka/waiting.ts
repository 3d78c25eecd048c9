// Entries that Kafka brought and nothing has proven yet. Several may claim one place; which of them is the log's own
// only the signed root tells, so all are kept until then, within bounds that no sender can widen.
import { equal } from '#tlog/bytes';

export type Candidate = { readonly index: bigint; readonly bytes: Uint8Array; readonly offset: bigint };

const candidatesAtOnePlace = 4;
const mostBytes = 67_108_864;

export class Waiting {
  private readonly places = new Map<bigint, Candidate[]>();
  private bytes = 0;

  /** `crowded`: too many others claim this place. `full`: too much waits, this one may well be right. */
  add(candidate: Candidate): 'kept' | 'repeated' | 'crowded' | 'full' {
    const there = this.places.get(candidate.index) ?? [];
    if (there.some(({ bytes }) => equal(bytes, candidate.bytes))) return 'repeated';
    if (there.length >= candidatesAtOnePlace) return 'crowded';
    if (this.bytes + candidate.bytes.length > mostBytes) return 'full';
    this.places.set(candidate.index, [...there, candidate]);
    this.bytes += candidate.bytes.length;
    return 'kept';
  }

  /** Entries `from` to `to` (exclusive); undefined while one is missing or claimed by two. */
  stretch(from: bigint, to: bigint): Uint8Array[] | undefined {
    const entries: Uint8Array[] = [];
    for (let index = from; index < to; index++) {
      const there = this.places.get(index);
      if (there?.length !== 1) return undefined;
      entries.push(there[0]!.bytes);
    }
    return entries;
  }

  below(size: bigint): Candidate[] {
    return [...this.places].flatMap(([index, there]) => (index < size ? there : []));
  }

  forgetBelow(size: bigint): void {
    for (const [index, there] of this.places) {
      if (index >= size) continue;
      for (const { bytes } of there) this.bytes -= bytes.length;
      this.places.delete(index);
    }
  }

  /** Offset of the oldest message that still waits. */
  oldest(): bigint | undefined {
    let oldest: bigint | undefined;
    for (const there of this.places.values()) {
      for (const { offset } of there) if (oldest === undefined || offset < oldest) oldest = offset;
    }
    return oldest;
  }
}
