import { openLog, redacted } from './logging';

const canary = 'canary-93ab';

function written(write: (log: ReturnType<typeof openLog>) => void): string {
  const lines: string[] = [];
  write(openLog('debug', 'commission', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

describe('the record of a service', () => {
  it.each([
    ['a password', { password: canary }],
    ['a nested password', { account: { login: 'li', newPassword: canary } }],
    ['a cookie header', { headers: { cookie: `x=${canary}` } }],
    ['an authorization header', { req: { headers: { authorization: canary } } }],
    ['a salt', { meta: { salt: canary } }],
    ['a seed', { keys: { seed: canary } }],
    ['a commit key', { commitKey: canary }],
    ['a database URL', { url: `postgres://sanfang:${canary}@127.0.0.1:5432/sanfang` }],
    ['a database URL in an error', { err: new Error(`connect postgres://sanfang:${canary}@h/d failed`) }],
    ['the cause of an error', { err: new Error('x', { cause: new Error(`Bearer ${canary}`) }) }],
    ['a session cookie in a text', { line: `set-cookie: __Host-sanfang-inspection=${canary}; Path=/` }],
    ['a password hash', { row: `$argon2id$v=19$m=19456,t=2,p=1$${canary}` }],
    ['a list', { tries: [{ token: canary }] }],
  ])('holds nothing of %s', (_, fields) => {
    const text = written((log) => log.info(fields, 'noted'));
    expect(text).toContain('noted');
    expect(text).not.toContain(canary);
  });

  it('holds nothing of a secret in the message itself', () => {
    expect(written((log) => log.warn({}, `postgres://a:${canary}@h/d`))).not.toContain(canary);
    expect(written((log) => log.warn(`Bearer ${canary}`))).not.toContain(canary);
  });

  it('keeps what is needed to find the fault', () => {
    const line = JSON.parse(written((log) => log.error({ err: new TypeError('no such row'), size: 7n }, 'failed')));
    expect(line).toMatchObject({ level: 'error', service: 'commission', size: '7', err: { type: 'TypeError' } });
    expect(line.err.message).toBe('no such row');
    expect(line.err.stack).toContain('logging.spec');
  });

  it('survives what refers to itself', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(JSON.stringify(redacted(loop))).toContain('[deep]');
  });
});
