// What the log's own code uses and browsers of 2020 (Chrome 86) lack: the build lowers syntax and adds no function.

if (!Reflect.has(Object, 'hasOwn')) {
  define(Object, 'hasOwn', (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key));
}
if (!Reflect.has(Array.prototype, 'at')) {
  define(Array.prototype, 'at', function at<Item>(this: readonly Item[], index: number): Item | undefined {
    return this[index < 0 ? this.length + index : index];
  });
}

function define(on: object, name: string, value: unknown): void {
  Object.defineProperty(on, name, { value, configurable: true, writable: true });
}
