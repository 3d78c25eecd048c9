// docs/guide/operate.md names settings, files and commands that exist: an operator reads it when there is no time to search.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compose, root, settings, textOf } from './deployment';

const guide = textOf('docs/guide/operate.md');

describe('the operator’s guide', () => {
  it('names only settings that exist', () => {
    const named = [...guide.matchAll(/\b((?:SANFANG|COMMISSION|ORGANIZATION|INSPECTION)_[A-Z_]+|METRICS_TOKEN)\b/g)];
    const own = textOf('docker-compose.yml');
    const unknown = named.map(([name]) => name).filter((name) => !settings.has(name) && !own.includes(`\${${name}:-}`));
    expect(named.length).toBeGreaterThan(5);
    expect(unknown).toEqual([]);
  });

  it('names only files that are in the repository', () => {
    const named = [...guide.matchAll(/\b(?:deploy|scripts|docs|libs)\/[A-Za-z0-9_./-]*[A-Za-z0-9]/g)]
      .map(([path]) => path)
      // Compiled from the sources under the same path.
      .filter((path) => !guide.includes(`dist/${path}`));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    for (const [, path] of guide.matchAll(/dist\/(\S+)\.js/g)) expect(existsSync(join(root, `${path}.ts`))).toBe(true);
  });

  it('names only services of docker-compose.yml', () => {
    const asked = [...guide.matchAll(/docker compose (?:exec|logs --follow) (\S+)/g)].map(
      (match) => match[1] as string,
    );
    expect(asked.length).toBeGreaterThan(1);
    for (const name of asked) expect(Object.keys(compose.services)).toContain(name);
  });
});
