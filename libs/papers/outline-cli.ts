// npm run --silent outline -- FILE: prints the outline of one published text as JSON, with the key names that the
// hand-made expectations of the samples use. Exit 0 when read, 1 when refused, 2 on usage.

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Leaf } from './leaf';
import { outline } from './outline';
import { PaperRefused } from './paper-refused';
import { readPaper } from './read-paper';
import { zipLimits } from './zip-guard';

function printedLeaf(leaf: Leaf): Record<string, unknown> {
  const { title, path, unit, group, status, number, responsible, deadline, truncated } = leaf;
  const cutText = leaf.measures.length > 0 ? 'measure text' : 'manifestation text';
  return {
    title,
    ...(path !== undefined && { path }),
    ...(unit !== undefined && { unit }),
    ...(group !== undefined && { group }),
    ...(number !== '' && { number }),
    ...(status !== undefined && { status }),
    ...(leaf.manifestations.length > 0 && { manifestations: leaf.manifestations.length }),
    ...(leaf.measures.length > 0 && { measures: leaf.measures.length }),
    ...(responsible !== undefined && { responsible }),
    ...(deadline !== undefined && { deadline }),
    ...(truncated !== undefined && { truncated: truncated === 'title' ? 'title' : cutText }),
  };
}

/** The size is asked before the first byte is read, so that a huge file is refused at once. */
async function bytesOf(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > zipLimits.fileBytes)
      throw new PaperRefused('paper.tooLarge', { bytes: size, most: zipLimits.fileBytes });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function main(argv: string[]): Promise<number> {
  const [file, ...more] = argv;
  if (file === undefined || more.length > 0 || file.startsWith('--')) {
    process.stderr.write('用法：npm run --silent outline -- 文件.txt|文件.docx\n');
    return 2;
  }
  try {
    const paper = await readPaper(basename(file), await bytesOf(file));
    const { kind, units, groups, leaves, declared, notes } = outline(paper.text);
    const unnumbered = paper.unnumbered === undefined ? [] : [{ code: 'numbersLost', found: paper.unnumbered }];
    const shown = { kind, units, groups, leaves: leaves.map(printedLeaf), declared, notes: [...notes, ...unnumbered] };
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof PaperRefused) {
      process.stderr.write(`${JSON.stringify({ code: error.code, message: error.message, details: error.details })}\n`);
      return 1;
    }
    if (error instanceof Error && 'code' in error) {
      process.stderr.write(`打不开文件 ${file}：${String(error.code)}。请核对路径和读取权限。\n`);
      return 1;
    }
    throw error;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
