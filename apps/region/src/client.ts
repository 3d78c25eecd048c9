// A person at a console, by HTTP: signs in, keeps the cookie, sends commands with ids, reads answers.
// Used by the demonstration, the stories and the benchmarks; it knows only what a browser knows.
import { randomUUID } from 'node:crypto';
import { commandHeader, paths, revisionHeader } from '#contracts/api';
import type { Done, Me, Problem } from '#contracts/answers';

/** An answer that was not a success, with the service's own sentence. */
export class Answered extends Error {
  override readonly name = 'Answered';
  constructor(
    readonly status: number,
    readonly problem: Problem,
    request: string,
  ) {
    super(`${request}: ${status} ${problem.code} ${problem.message}`);
  }
}

export type SendOptions = { readonly commandId?: string; readonly revision?: number };

export class Client {
  private cookie = '';
  /** Position of the last accepted command: the next read waits for it. */
  private after = '';

  constructor(readonly url: string) {}

  static async signedIn(url: string, login: string, password: string): Promise<Client> {
    const client = new Client(url);
    await client.signIn(login, password);
    return client;
  }

  async signIn(login: string, password: string): Promise<Me> {
    const response = await this.request('POST', paths.session, JSON.stringify({ login, password }), {
      'content-type': 'application/json',
    });
    const cookie = response.headers.getSetCookie().find((each) => each.startsWith('__Host-'));
    if (cookie) this.cookie = cookie.slice(0, cookie.indexOf(';'));
    return (await response.json()) as Me;
  }

  async get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const parameters = new URLSearchParams({ ...query, ...(this.after && { after: this.after }) });
    return (await this.request('GET', `${path}?${parameters}`)).json() as Promise<T>;
  }

  async send(path: string, body: object, options: SendOptions = {}): Promise<Done> {
    const headers = { ...this.commandHeaders(options), 'content-type': 'application/json' };
    return this.done(await this.request('POST', path, JSON.stringify(body), headers));
  }

  async upload(
    path: string,
    file: { readonly name: string; readonly bytes: Uint8Array },
    fields: Readonly<Record<string, string>>,
    options: SendOptions = {},
  ): Promise<Done> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob([Buffer.from(file.bytes)]), file.name);
    return this.done(await this.request('POST', path, form, this.commandHeaders(options)));
  }

  /** The bare exchange, for tests that look at status and headers. */
  async request(
    method: string,
    path: string,
    body?: string | FormData,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'sanfang-console': '1', ...(this.cookie && { cookie: this.cookie }), ...headers },
      ...(body !== undefined && { body }),
    });
    if (response.ok) return response;
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.includes('json') ?? false;
    const problem = isProblem ? (JSON.parse(text) as Problem) : ({ code: 'none', message: text } as Problem);
    throw new Answered(response.status, problem, `${method} ${path}`);
  }

  private async done(response: Response): Promise<Done> {
    const done = (await response.json()) as Done;
    if (done.position) this.after = done.position;
    return done;
  }

  private commandHeaders(options: SendOptions): Record<string, string> {
    return {
      [commandHeader]: options.commandId ?? randomUUID(),
      ...(options.revision !== undefined && { [revisionHeader]: String(options.revision) }),
    };
  }
}
