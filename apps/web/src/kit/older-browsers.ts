// Calls that the libraries use and Chromium 86 does not have yet (ux.md section 3). Each is the standard's behaviour
// for the arguments the libraries pass.

type Indexed<Item> = { readonly length: number; readonly [index: number]: Item };

function at<Item>(this: Indexed<Item>, index: number): Item | undefined {
  const whole = Math.trunc(index) || 0;
  return this[whole < 0 ? this.length + whole : whole];
}

function findLastIndex<Item>(this: Indexed<Item>, test: (item: Item, index: number) => unknown): number {
  for (let index = this.length - 1; index >= 0; index -= 1) if (test(this[index] as Item, index)) return index;
  return -1;
}

function findLast<Item>(this: Indexed<Item>, test: (item: Item, index: number) => unknown): Item | undefined {
  return this[findLastIndex.call(this, test as never)];
}

function supply(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

supply(Array.prototype, 'at', at);
supply(String.prototype, 'at', at);
supply(Array.prototype, 'findLast', findLast);
supply(Array.prototype, 'findLastIndex', findLastIndex);
supply(Object, 'hasOwn', (target: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(target, key));
