// Arrays as parameters in PostgreSQL's binary form (array_send in its source). The textual form escapes every quotation
// mark of a text and writes bytes as hexadecimal digits, which for a batch of JSON costs more than its storage.

const textType = 25;
const byteaType = 17;
const uuidType = 2950;
const bigintType = 20;

/** Parameter of type `text[]`. */
export function textArray(texts: readonly string[]): Buffer {
  return arrayOf(texts, textType, Buffer.byteLength, (target, text, at) => target.write(text, at, 'utf8'));
}

/** Parameter of type `bytea[]`. */
export function bytesArray(items: readonly Uint8Array[]): Buffer {
  return arrayOf(
    items,
    byteaType,
    (item) => item.length,
    (target, item, at) => target.set(item, at),
  );
}

/** Parameter of type `uuid[]`; each in the usual form of 36 characters. */
export function uuidArray(ids: readonly string[]): Buffer {
  return arrayOf(
    ids,
    uuidType,
    () => 16,
    (target, id, at) => target.write(id.replaceAll('-', ''), at, 'hex'),
  );
}

/** Parameter of type `bigint[]`. */
export function bigintArray(items: readonly bigint[]): Buffer {
  return arrayOf(
    items,
    bigintType,
    () => 8,
    (target, item, at) => target.writeBigInt64BE(item, at),
  );
}

function arrayOf<Item>(
  items: readonly Item[],
  type: number,
  sizeOf: (item: Item) => number,
  put: (target: Buffer, item: Item, at: number) => void,
): Buffer {
  const sizes = items.map(sizeOf);
  const head = items.length === 0 ? 12 : 20;
  const array = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + size, head));
  // Number of dimensions, whether there are nulls, type of the elements; then length and lower bound.
  array.writeInt32BE(items.length === 0 ? 0 : 1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(type, 8);
  if (items.length > 0) {
    array.writeInt32BE(items.length, 12);
    array.writeInt32BE(1, 16);
  }
  let at = head;
  items.forEach((item, n) => {
    const size = sizes[n] as number;
    array.writeInt32BE(size, at);
    put(array, item, at + 4);
    at += 4 + size;
  });
  return array;
}
