// The image: what goes in, what stays out, and as whom it runs.
import { pinned, textOf } from './deployment';

const lines = textOf('Dockerfile')
  .replaceAll(/^\s*#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n');
const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

describe('Dockerfile', () => {
  it('is built on one Node of an exact version that package.json allows', () => {
    const [, image = ''] = /^ARG NODE=(\S+)$/.exec(lines[0] as string) ?? [];
    expect(image).toMatch(pinned);
    expect(lines.filter((line) => line.startsWith('FROM ')).every((line) => line.startsWith('FROM ${NODE}'))).toBe(
      true,
    );
    const major = Number(/:(\d+)\./.exec(image)?.[1]);
    expect(major).toBeGreaterThanOrEqual(20);
    expect(major).toBeLessThan(25);
  });

  it('ends with production packages, the compiled tree, and nothing that installs or compiles', () => {
    const copied = last.filter((line) => line.startsWith('COPY '));
    expect(copied).toEqual([
      'COPY --from=packages /src/node_modules ./node_modules',
      'COPY --from=build /src/package.json ./',
      'COPY --from=build /src/dist ./dist',
    ]);
    const text = lines.join('\n');
    expect(text).toMatch(/AS packages\n(?:.*\n)*?RUN npm ci --omit=dev --ignore-scripts/);
    expect(text).toContain('rm -rf dist/bench dist/apps/region dist/libs/testing');
    expect(last.join('\n')).toMatch(/rm -rf \S*node_modules \S*npm \S*npx/);
  });

  it('runs as a numbered user and writes to the data folder alone', () => {
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER 10001:10001']);
    const after = last.slice(last.findIndex((line) => line.startsWith('USER ')));
    expect(after.filter((line) => /^(RUN|COPY|ADD) /.test(line))).toEqual([]);
    expect(last.find((line) => line.startsWith('ENV '))).toContain('SANFANG_DATA=/data');
    expect(last).toContain('VOLUME /data');
  });

  it('is sent the sources only: everything is left out, then some let in', () => {
    const ignored = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(ignored[0]).toBe('*');
    const letIn = ignored.filter((line) => line.startsWith('!'));
    expect(letIn.sort()).toEqual(
      ['!apps', '!libs', '!scripts', '!package.json', '!package-lock.json', '!.swcrc', '!tsconfig.json'].sort(),
    );
  });
});
