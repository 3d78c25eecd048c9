import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samplePassportLogs, sampleRegion } from '#testing/sample-region';
import { writeSampleLog } from '#testing/sample-log';
import { coverOfIssue, issueField } from '#joint/passport/cover';
import { makePassport } from '#tlog/passport';

const root = join(__dirname, '../../..');

it('is one file that runs where there is nothing but Node.js, with no framework and no database in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sanfang-one-file-'));
  try {
    const file = join(folder, 'audit.mjs');
    execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs'), 'apps/auditor/src/main.ts', file]);
    const text = readFileSync(file, 'utf8');
    for (const word of ['@nestjs', 'typeorm', 'fastify', 'kafkajs']) expect(text).not.toContain(word);
    expect(text).not.toMatch(/^import [^;]* from "(?!node:)|\b__require\("(?!node:)/m);
    const region = sampleRegion();
    writeSampleLog(region.logs[0]!, join(folder, 'log'));
    writeFileSync(join(folder, 'policy'), region.policy);
    const logs = (await samplePassportLogs(region)).filter(({ entries }) => entries.length > 0);
    writeFileSync(join(folder, 'passport'), makePassport({ field: issueField, value: 'f1-0001' }, logs, coverOfIssue));
    const run = (...argv: string[]) =>
      execFileSync(process.execPath, [file, ...argv], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    expect(run('--help')).toContain('watch');
    expect(run('verify', 'log', '--policy', 'policy')).toContain('WHOLE');
    expect(run('verify', 'passport', '--policy', 'policy')).toContain('凭证包有效');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
