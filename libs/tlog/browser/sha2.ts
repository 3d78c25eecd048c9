// SHA-256 and SHA-512 (FIPS 180-4) for the console: WebCrypto has both, but answers later, and a tree is hashed node by
// node. The constants are worked out from the primes as the standard defines them; a table could be mistyped unseen.
const word64 = (1n << 64n) - 1n;

const primes = (() => {
  const found: bigint[] = [];
  for (let n = 2n; found.length < 80; n++) if (found.every((prime) => n % prime !== 0n)) found.push(n);
  return found;
})();

/** floor(value^(1/degree)), by Newton's method from above. */
function rootOf(value: bigint, degree: bigint): bigint {
  let guess = 1n << BigInt((value.toString(2).length / Number(degree) + 1) | 0);
  for (;;) {
    const next = ((degree - 1n) * guess + value / guess ** (degree - 1n)) / degree;
    if (next >= guess) return guess;
    guess = next;
  }
}

// The first 64 bits of the fractional parts; SHA-256 takes the upper halves of the same numbers.
const start = primes.slice(0, 8).map((prime) => rootOf(prime << 128n, 2n) & word64);
const rounds = primes.map((prime) => rootOf(prime << 192n, 3n) & word64);
const start32 = Uint32Array.from(start, (word) => Number(word >> 32n));
const rounds32 = Uint32Array.from(rounds.slice(0, 64), (word) => Number(word >> 32n));

/** SHA-256 of the bytes, 32 bytes. */
export function sha256Of(data: Uint8Array): Uint8Array {
  const state = Uint32Array.from(start32);
  const padded = padTo(data, 64);
  const schedule = new Uint32Array(64);
  for (let at = 0; at < padded.byteLength; at += 64) compress32(state, padded, at, schedule);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, n) => digest.setUint32(4 * n, word));
  return new Uint8Array(digest.buffer);
}

function compress32(state: Uint32Array, data: DataView, at: number, w: Uint32Array): void {
  for (let i = 0; i < 16; i++) w[i] = data.getUint32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!];
    const small0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const small1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16]! + small0 + w[i - 7]! + small1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const large1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + large1 + ((e & f) ^ (~e & g)) + rounds32[i]! + w[i]!) | 0;
    const large0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, n) => (state[n] = (state[n]! + word) | 0));
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** SHA-512 of the bytes, 64 bytes. Only for signatures, so plain arithmetic is fast enough. */
export function sha512Of(data: Uint8Array): Uint8Array {
  let state = start;
  const padded = padTo(data, 128);
  for (let at = 0; at < padded.byteLength; at += 128) state = compress64(state, padded, at);
  const digest = new DataView(new ArrayBuffer(64));
  state.forEach((word, n) => digest.setBigUint64(8 * n, word));
  return new Uint8Array(digest.buffer);
}

function compress64(state: readonly bigint[], data: DataView, at: number): bigint[] {
  const w = Array.from({ length: 16 }, (_, i) => data.getBigUint64(at + 8 * i));
  for (let i = 16; i < 80; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!];
    const small0 = turn64(x, 1n) ^ turn64(x, 8n) ^ (x >> 7n);
    const small1 = turn64(y, 19n) ^ turn64(y, 61n) ^ (y >> 6n);
    w.push((w[i - 16]! + small0 + w[i - 7]! + small1) & word64);
  }
  let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  for (let i = 0; i < 80; i++) {
    const large1 = turn64(e, 14n) ^ turn64(e, 18n) ^ turn64(e, 41n);
    const t1 = h + large1 + ((e & f) ^ (~e & word64 & g)) + rounds[i]! + w[i]!;
    const large0 = turn64(a, 28n) ^ turn64(a, 34n) ^ turn64(a, 39n);
    const t2 = large0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & word64, c, b, a, (t1 + t2) & word64];
  }
  return [a, b, c, d, e, f, g, h].map((word, n) => (state[n]! + word) & word64);
}

function turn64(word: bigint, by: bigint): bigint {
  return ((word >> by) | (word << (64n - by))) & word64;
}

/** The message, a bit, zeros, and the message's length in bits, in whole blocks of 64 or 128 bytes. */
function padTo(data: Uint8Array, block: 64 | 128): DataView {
  const length = Math.ceil((data.length + 1 + block / 8) / block) * block;
  const padded = new Uint8Array(length);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(length - 8, BigInt(data.length) * 8n);
  return view;
}
