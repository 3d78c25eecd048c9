// The deployment files before those whose formats they are in (a Go program in `official/`): the Compose specification's
// own loader, kustomize, and the types of the Kubernetes API. No container engine and no cluster is asked.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import { ask, describeWithGo, goProgram } from '../foreign/program';
import { compose, root } from './deployment';

const program = goProgram(join(__dirname, 'official'), 26);
// RSA keys take their time on a small machine.
const patience = 300_000;

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-official-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function changed(path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

describeWithGo('docker-compose.yml, by the loader of the Compose specification', program, () => {
  const file = (): string => join(folder, 'docker-compose.yml');
  beforeAll(() => {
    cpSync(join(root, 'docker-compose.yml'), file());
    cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true });
    const secrets = [
      'scripts/compose-secrets.mjs',
      '--out',
      join(folder, '.data/compose'),
      '--domain',
      'region.example',
    ];
    execFileSync(process.execPath, secrets, { cwd: root, stdio: 'ignore' });
  }, patience);

  it('is read, with every service, network, volume and secret that it names', async () => {
    const { code, out, err } = await ask(program, 'compose', file());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const services = Object.keys(compose.services).map((name) => `service ${name}`);
    expect(out.trim().split('\n').sort()).toEqual(services.sort());
  });

  it('is refused with a word that the specification does not know, and with a network that is not there', async () => {
    changed(file(), /^( +)read_only:/m, '$1read_onely:');
    expect(await ask(program, 'compose', file())).toMatchObject({
      code: 1,
      err: expect.stringContaining('read_onely'),
    });
    cpSync(join(root, 'docker-compose.yml'), file());
    changed(file(), /^ {2}exchange:/m, '  elsewhere:');
    expect(await ask(program, 'compose', file())).toMatchObject({ code: 1, err: expect.stringContaining('exchange') });
  });
});

describeWithGo('deploy/kubernetes, by kustomize and the types of the API', program, () => {
  beforeAll(() => cpSync(join(root, 'deploy/kubernetes'), join(folder, 'kubernetes'), { recursive: true }));

  it.each(agencies)('is one agency: the %s', async (agency) => {
    const { code, out, err } = await ask(program, 'kubernetes', join(folder, 'kubernetes', agency));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const kind of ['apps/v1/StatefulSet', 'v1/Service', 'networking.k8s.io/v1/NetworkPolicy'])
      expect(out).toContain(`${kind} sanfang-${agency}/`);
  });

  it('is refused with a field that the API does not know', async () => {
    changed(join(folder, 'kubernetes/base/stateful-set.yaml'), 'serviceName:', 'servicename:');
    const answer = await ask(program, 'kubernetes', join(folder, 'kubernetes/commission'));
    expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('servicename') });
  });
});
