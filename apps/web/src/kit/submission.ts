// A command keeps its id as long as the same content is being submitted: a second click after a lost answer is the same
// command, and the service does it once. Changed content or a finished command gets a new id.

/** A version 4 UUID. `crypto.randomUUID` is missing before Chromium 92 and outside secure contexts. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What tells two submissions apart: target and content, a file by its name, size and date. */
export function fingerprint(path: string, body: unknown): string {
  if (!(body instanceof FormData)) return `${path} ${JSON.stringify(body)}`;
  const parts = Array.from(body.entries(), ([name, value]) => [
    name,
    typeof value === 'string' ? value : [value.name, value.size, value.lastModified],
  ]);
  return `${path} ${JSON.stringify(parts)}`;
}

export class Submission {
  #print = '';
  #id = '';

  constructor(private readonly makeId: () => string = uuid) {}

  idFor(print: string): string {
    if (print !== this.#print || this.#id === '') {
      this.#print = print;
      this.#id = this.makeId();
    }
    return this.#id;
  }

  finish(): void {
    this.#print = '';
    this.#id = '';
  }
}
