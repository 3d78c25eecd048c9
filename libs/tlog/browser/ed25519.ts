// What stands in the place of `../ed25519` in the console's build: WebCrypto knows Ed25519 from Chrome 137 on only, and
// the desks have 86. It verifies and does not sign, so no time that it takes tells a secret. It accepts what OpenSSL
// accepts and nothing else (ADR 0026): s below the order, and R compared as bytes with what the equation gives.
import { concat, equal } from '../bytes';
import { d, p, power } from '../curve';
import { sha512Of } from './sha2';

/** Of the base point's group. */
const order = (1n << 252n) + 27742317777372353535851937790883648493n;
/** A square root of -1. */
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

/** Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z. */
type Point = readonly [X: bigint, Y: bigint, Z: bigint, T: bigint];
const neutral: Point = [0n, 1n, 1n, 0n];
/** y = 4/5, x even. */
const base = decode(numberBytes(mod(4n * inverse(5n)))) as Point;

export function ed25519Verifier(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean {
  if (publicKey.length !== 32) throw new Error(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`);
  const key = decode(publicKey);
  return (message, signature) => {
    if (!key || signature.length !== 64) return false;
    const [R, s] = [signature.subarray(0, 32), bytesNumber(signature.subarray(32))];
    if (s >= order) return false;
    const h = bytesNumber(sha512Of(concat(R, publicKey, message))) % order;
    return equal(encode(sumOfMultiples(s, base, h, negated(key))), R);
  };
}

/** A page holds no secret. @throws Error always */
export function ed25519Key(): never {
  throw new Error('the console signs nothing; keys stay in the services');
}

/** As `ed25519Key`. @throws Error always */
export function randomSeed(): never {
  return ed25519Key();
}

/** undefined when there is no such point. */
function decode(bytes: Uint8Array): Point | undefined {
  const whole = bytesNumber(bytes);
  const y = (whole & ((1n << 255n) - 1n)) % p;
  const [u, v] = [mod(y * y - 1n), mod(d * y * y + 1n)];
  const v3 = mod(v * v * v);
  let x = mod(u * v3 * power(mod(u * v3 * v3 * v), (p - 5n) / 8n));
  const check = mod(v * x * x);
  if (check === mod(-u)) x = mod(x * rootOfMinusOne);
  else if (check !== u) return undefined;
  if ((x & 1n) !== whole >> 255n) x = mod(-x);
  return [x, y, 1n, mod(x * y)];
}

function encode([X, Y, Z]: Point): Uint8Array {
  const scale = inverse(Z);
  const [x, y] = [mod(X * scale), mod(Y * scale)];
  return numberBytes(y | ((x & 1n) << 255n));
}

/** a·A + b·B, both walked through together. */
function sumOfMultiples(a: bigint, A: Point, b: bigint, B: Point): Point {
  const both = sum(A, B);
  let result = neutral;
  for (let bit = 255n; bit >= 0n; bit--) {
    result = sum(result, result);
    const [inA, inB] = [(a >> bit) & 1n, (b >> bit) & 1n];
    if (inA || inB) result = sum(result, inA && inB ? both : inA ? A : B);
  }
  return result;
}

/** The addition law of RFC 8032 section 5.1.4, which has no exception on this curve. */
function sum([X1, Y1, Z1, T1]: Point, [X2, Y2, Z2, T2]: Point): Point {
  const a = mod((Y1 - X1) * (Y2 - X2));
  const b = mod((Y1 + X1) * (Y2 + X2));
  const c = mod(2n * d * T1 * T2);
  const z = mod(2n * Z1 * Z2);
  const [e, f, g, h] = [b - a, z - c, z + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function negated([X, Y, Z, T]: Point): Point {
  return [mod(-X), Y, Z, mod(-T)];
}

function inverse(value: bigint): bigint {
  return power(value, p - 2n);
}

function mod(value: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

/** Little-endian. */
function bytesNumber(bytes: Uint8Array): bigint {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function numberBytes(number: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn));
}
