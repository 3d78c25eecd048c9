import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { messages } from '#contracts/messages.zh';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { maxUpload, WebWorld } from './web-world';

jest.setTimeout(60_000);

let postgres: TestPostgres;
let world: WebWorld;
let cookie: string;
const command = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

beforeAll(async () => {
  postgres = await startTestPostgres();
  world = await WebWorld.open(postgres.url);
  cookie = await world.signIn(await world.account());
});
afterAll(async () => {
  await world?.close();
  await postgres?.stop();
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !holds(); tries++) await pause(50);
}

describe('a command over HTTP', () => {
  const post = (n: number, id: string, headers = {}, body: unknown = { text: '已完成' }) =>
    world.send('POST', `/api/notes/${id}`, body, { cookie, 'sanfang-command': command(n), ...headers });

  it('is done once, and sent twice gives the same answer', async () => {
    const first = await post(1, 'n1');
    expect(first.status).toBe(201);
    expect(first.json).toEqual({ id: 'n1', position: expect.stringMatching(/^\d+$/), revision: 0 });
    await post(2, 'n1');
    expect((await post(1, 'n1')).json).toEqual(first.json);
    expect((await post(3, 'n1')).json.revision).toBe(2);
  });

  it('is refused as stale with 409 when the record has moved on', async () => {
    await post(4, 'n2');
    const stale = await post(5, 'n2', { 'sanfang-revision': '-1' });
    expect(stale.status).toBe(409);
    expect(stale.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(stale.json).toEqual({
      type: 'about:blank',
      status: 409,
      code: 'revision.stale',
      title: '不能这样做',
      message: messages['revision.stale'],
      reference: expect.any(String),
    });
  });

  it.each([
    ['without a command id', { 'sanfang-command': undefined }, { text: 'x' }, 400, 'input.command'],
    ['of broken JSON', {}, '{"text":', 400, 'input.json'],
    ['of no JSON at all', {}, '', 400, 'input.json'],
    ['that reaches for a prototype', {}, '{"__proto__":{"a":1},"text":"x"}', 400, 'input.json'],
    ['with an unknown field', {}, { text: 'x', more: 1 }, 400, 'input.fields'],
    ['above the size limit', {}, { text: 'x'.repeat(270_000) }, 413, 'input.tooLarge'],
    ['of another content type', { 'content-type': 'text/plain' }, 'x', 415, 'input.mediaType'],
    ['as a plain form', { 'content-type': 'application/x-www-form-urlencoded' }, 'text=x', 415, 'input.mediaType'],
    ['that cannot be stored', {}, { text: 'a\u0000b' }, 400, 'input.fields'],
    ['without our header', { 'sanfang-console': undefined }, { text: 'x' }, 403, 'session.origin'],
    ['from another origin', { origin: 'http://evil.example' }, { text: 'x' }, 403, 'session.origin'],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, { text: 'x' }, 403, 'session.origin'],
    ['without a session', { cookie: undefined }, { text: 'x' }, 401, 'session.none'],
    [
      'with a forged session',
      { cookie: '__Host-sanfang-inspection=' + 'A'.repeat(43) },
      { text: 'x' },
      401,
      'session.none',
    ],
  ])('%s is refused', async (_, headers, body, status, code) => {
    const answer = await post(50, 'n3', headers as Record<string, string>, body);
    expect([answer.status, answer.json?.code]).toEqual([status, code]);
    expect(answer.json.message).toMatch(/[一-鿿]/);
  });

  it('names each faulty field', async () => {
    expect((await post(51, 'n3', {}, { text: '' })).json.fields).toEqual([{ path: 'text', message: '不能为空' }]);
  });
});

describe('every answer', () => {
  it('carries the security headers, errors and files too, with a new nonce each', async () => {
    const nonces = new Set<string>();
    for (const path of ['/', '/api/console', '/api/none', '/health', '/nothing']) {
      const { headers } = await world.send('GET', path);
      const policy = headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([A-Za-z0-9_-]{22})'/.exec(policy)?.[1] ?? '';
      nonces.add(nonce);
      expect(policy).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; ` +
          "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; " +
          "frame-ancestors 'none'; require-trusted-types-for 'script'",
      );
      expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000; includeSubDomains/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      if (path.startsWith('/api')) expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(nonces.size).toBe(5);
  });

  it('is a problem for an address that we do not have, and for an id that can be none', async () => {
    for (const path of ['/api/none', '/nothing', '/api/notes/%2e%2e', '/assets/none.js', '/api/notes/a%FF']) {
      const answer = await world.send('GET', path, undefined, { cookie });
      expect([path, answer.status, answer.json?.code]).toEqual([path, expect.any(Number), expect.any(String)]);
      expect([400, 404]).toContain(answer.status);
    }
    const wrong = { 'sanfang-command': command(9), cookie };
    const answer = await world.send('POST', '/api/notes/a%20b', { text: 'x' }, wrong);
    expect([answer.status, answer.json.code]).toEqual([404, 'path.none']);
  });

  it('says nothing of the inside when something fails, and gives the reference under which it is recorded', async () => {
    const answer = await world.send('GET', '/api/notes/fault', undefined, { cookie });
    expect([answer.status, answer.json.code]).toEqual([500, 'service.fault']);
    expect(answer.text).not.toContain('inside');
    expect(answer.json.message).toContain(answer.json.reference);
    expect(world.lines.find((line) => line.includes(answer.json.reference))).toContain('the inside of the service');
  });

  it('of a query refuses what is not asked for, and a role that may not ask', async () => {
    const get = (path: string) => world.send('GET', path, undefined, { cookie });
    expect((await get('/api/notes?limit=7')).json).toEqual({ limit: 7 });
    expect((await get('/api/notes?limit=900')).json.code).toBe('input.fields');
    expect((await get('/api/notes?limits=9')).json.code).toBe('input.fields');
    const office = await get('/api/notes/overview');
    expect([office.status, office.json.code]).toEqual([403, 'rights.role']);
  });
});

describe('a file', () => {
  const form = (bytes: string | Uint8Array, name = 'file', dated = '2026-03-01'): FormData => {
    const data = new FormData();
    data.append('dated', dated);
    data.append(name, new Blob([bytes]), '../整改/报告.pdf');
    return data;
  };
  let sent = 100;
  const send = (body: FormData | object | string, headers = {}) =>
    world.send('POST', '/api/notes/f1/files', body, { cookie, 'sanfang-command': command(sent++), ...headers });
  const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
  /** Every file that the service holds for uploads, drafts and notes included. */
  const kept = (): string[] => {
    const folder = join(world.folder, 'files');
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replace(/[\\/]/g, ''))
      .sort();
  };

  it('is taken with its fields, named without folders, told by its bytes', async () => {
    const answer = await send(form('%PDF-1.7 空'));
    expect([answer.status, answer.json]).toEqual([201, { id: 'f1', position: expect.any(String), revision: 0 }]);
    const events = world.store.readStream('issue-f1')[Symbol.asyncIterator]();
    const sha256 = hashOf('%PDF-1.7 空');
    expect((await events.next()).value?.data).toEqual({
      fields: { dated: '2026-03-01' },
      file: { name: '报告.pdf', bytes: 12, mediaType: 'application/pdf', sha256 },
    });
    expect(kept()).toEqual([sha256]);
  });

  it('is refused above the limit, empty, missing, under a wrong name, twice, or as JSON, and nothing is kept', async () => {
    const before = kept();
    const two = form('x');
    two.append('file', new Blob(['y']), 'b.txt');
    const none = new FormData();
    none.append('dated', 'x');
    const codes = await Promise.all(
      [form('x'.repeat(maxUpload + 1)), form(''), none, form('x', 'other'), two, { file: 'x' }].map(async (body) => {
        const { status, json } = await send(body);
        return [status, json.code];
      }),
    );
    expect(codes).toEqual([
      [413, 'input.tooLarge'],
      [400, 'input.fields'],
      [400, 'input.fields'],
      [400, 'input.fields'],
      [400, 'input.fields'],
      [415, 'input.mediaType'],
    ]);
    expect(kept()).toEqual(before);
  });

  it('of many times the limit is refused with an answer, not with a broken connection', async () => {
    const answer = await send(form(new Uint8Array(50_000_000)));
    expect([answer.status, answer.json.code]).toEqual([413, 'input.tooLarge']);
  });

  it('of which the rule book wants nothing is gone, unless the same bytes were accepted', async () => {
    const before = kept();
    const refused = await send(form('新的', 'file', '2000-01-01'));
    expect([refused.status, refused.json.code]).toEqual([409, 'evidence.beforeFeedback']);
    expect(kept()).toEqual(before);
    const again = await send(form('%PDF-1.7 空', 'file', '2000-01-01'));
    expect([again.status, again.json.code]).toEqual([409, 'evidence.beforeFeedback']);
    expect(kept()).toEqual(before);
  });

  it.each([
    [
      'that ends too early',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n一半',
    ],
    [
      'that ends after its file',
      'multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n一半\r\n--b\r\n',
    ],
    ['that is none', 'multipart/form-data; boundary=b', 'something else'],
    ['without a boundary', 'multipart/form-data', 'x'],
  ])('in a form %s is refused with a sentence, and nothing is kept', async (_, type, body) => {
    const before = kept();
    const answer = await send(body, { 'content-type': type });
    expect([answer.status, answer.json.code]).toEqual([400, 'input.fields']);
    expect(answer.json.message).toMatch(/[一-鿿]{4}/);
    expect(kept()).toEqual(before);
  });

  it('broken off on its way leaves nothing', async () => {
    const before = kept();
    const { hostname, port } = new URL(world.url);
    const begun = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
    const socket = connect(Number(port), hostname);
    const head = {
      ...{ host: 'x', cookie, 'sanfang-console': '1', 'sanfang-command': command(sent++), 'content-length': '200000' },
      'content-type': 'multipart/form-data; boundary=b',
    };
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST /api/notes/f1/files HTTP/1.1\r\n${lines.join('')}\r\n${begun}${'x'.repeat(100_000)}`);
    await until(() => kept().length > before.length);
    socket.destroy();
    await until(() => kept().length === before.length);
    expect(kept()).toEqual(before);
  });
});

describe('for those who watch the service', () => {
  it('it lives, says what is not ready without saying why in detail, and counts', async () => {
    expect((await world.send('GET', '/health')).json).toEqual({ status: 'ok' });
    const ready = await world.send('GET', '/ready');
    expect(ready.status).toBe(503);
    expect(ready.json).toEqual({
      ready: false,
      checks: { always: { ok: true }, never: { ok: false, detail: 'Error' } },
    });
    const figures = await world.send('GET', '/metrics');
    expect(figures.text).toMatch(
      /sanfang_http_seconds_count\{method="POST",route="\/api\/notes\/:id",status="201"\} [3-9]/,
    );
    expect(figures.text).toContain('sanfang_sign_ins_total{outcome="entered"} 1');
  });

  it('figures are not for whoever comes through a proxy', async () => {
    const answer = await world.send('GET', '/metrics', undefined, { 'x-forwarded-for': '10.0.0.9' });
    expect(answer.status).toBe(404);
  });
});

describe('the console', () => {
  it('says how to build it when it is not built, while the API works', async () => {
    const page = await world.send('GET', '/ledger');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('npm run build');
    expect((await world.send('GET', '/api/console')).json).toMatchObject({ agency: 'inspection', name: '巡视办' });
  });

  it('is served with the nonce of its answer, its hashed files for ever, and nothing else of the folder', async () => {
    const web = join(mkdtempSync(join(tmpdir(), 'sanfang-web-built-')), 'web');
    mkdirSync(join(web, 'assets'), { recursive: true });
    writeFileSync(join(web, '..', 'passport.html'), '<title>凭证包离线核验</title>');
    writeFileSync(join(web, 'index.html'), '<meta name="csp-nonce" content="__NONCE__">');
    writeFileSync(join(web, 'assets', 'app-1a2b.js'), 'void 0;');
    writeFileSync(join(web, 'assets', 'app-1a2b.js.map'), '{}');
    const built = await WebWorld.open(await postgres.fresh(), web);
    try {
      for (const path of ['/', '/issues/i1', '/sign-in']) {
        const page = await built.send('GET', path);
        const nonce = /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1];
        expect(page.text).toBe(`<meta name="csp-nonce" content="${nonce}">`);
        expect(page.headers.get('cache-control')).toBe('no-store');
      }
      const script = await built.send('GET', '/assets/app-1a2b.js');
      expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(script.headers.get('content-type')).toMatch(/javascript/);
      const page = await built.send('GET', '/passport.html');
      expect([page.text, page.headers.get('content-disposition')]).toEqual([
        '<title>凭证包离线核验</title>',
        'attachment; filename="passport.html"',
      ]);
      expect((await built.send('GET', '/index.html')).status).toBe(404);
      expect((await built.send('GET', '/assets/app-1a2b.js.map')).status).toBe(404);
      expect((await built.send('GET', '/assets/../index.html')).status).toBe(404);
      expect((await built.send('GET', '/assets/%2e%2e/index.html')).status).not.toBe(200);
    } finally {
      await built.close();
    }
  });
});

describe('a console built anew while the service runs', () => {
  it('is served without a restart, with files that were not there at the start', async () => {
    const web = mkdtempSync(join(tmpdir(), 'sanfang-web-rebuilt-'));
    mkdirSync(join(web, 'assets'));
    writeFileSync(join(web, 'index.html'), 'first');
    const built = await WebWorld.open(await postgres.fresh(), web);
    try {
      expect((await built.send('GET', '/')).text).toBe('first');
      writeFileSync(join(web, 'assets', 'app-3c4d.js'), 'void 1;');
      writeFileSync(join(web, 'index.html'), 'second');
      utimesSync(join(web, 'index.html'), 2e9, 2e9);
      expect((await built.send('GET', '/')).text).toBe('second');
      expect((await built.send('GET', '/assets/app-3c4d.js')).text).toBe('void 1;');
      rmSync(join(web, 'index.html'));
      expect((await built.send('GET', '/')).text).toBe('second');
    } finally {
      await built.close();
    }
  });
});

describe('live hints', () => {
  it('tell which view changed, and end with the session', async () => {
    const own = await world.signIn(await world.account());
    const response = await fetch(`${world.url}/api/live`, { headers: { cookie: own } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('retry: 2000\n\n');
    world.pulse.tell({ kind: 'view', view: 'ledger' });
    world.pulse.tell({ kind: 'view', view: 'ledger' });
    expect((await reader.read()).value).toBe('event: changed\ndata: {"view":"ledger"}\n\n');
    await world.send('DELETE', '/api/session', undefined, { cookie: own });
    expect((await reader.read()).done).toBe(true);
  });

  it('are bounded by account, and nobody gets them without a session', async () => {
    const own = await world.signIn(await world.account());
    const open = () => fetch(`${world.url}/api/live`, { headers: { cookie: own } });
    const streams = await Promise.all(Array.from({ length: 8 }, open));
    expect(streams.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await open()).status).toBe(429);
    expect((await fetch(`${world.url}/api/live`)).status).toBe(401);
    for (const stream of streams) await stream.body!.cancel();
  });
});
