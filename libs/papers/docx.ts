// A docx becomes text lines. The guard looks first; then mammoth reads the words in a worker whose memory and time are
// limited, so that a hostile file can cost one worker, not the service.

import { Worker } from 'node:worker_threads';
import { numberedParagraphs, type NumberedParagraph } from './docx-numbering';
import { PaperRefused } from './paper-refused';
import { mostTextBytes } from './decode';
import { guardDocx } from './zip-guard';

const workerMegabytes = 256;
const workerSeconds = 20;

/** Words of a docx; `unnumbered` counts paragraphs whose automatic number could not be recovered. */
export interface DocxText {
  text: string;
  unnumbered: number;
}

/**
 * Runs inside the worker. It is handed over as source, because a worker cannot load TypeScript and the build has no
 * separate bundle for it: it must not use anything from this module.
 */
async function wordsInWorker(load: (id: string) => unknown): Promise<void> {
  type Element = { type: string; value?: string; children?: Element[] };
  type Mammoth = {
    convertToHtml(input: { buffer: Buffer }, options: object): Promise<unknown>;
  };
  const { parentPort, workerData } = load('node:worker_threads') as {
    parentPort: { postMessage(message: unknown): void };
    workerData: { mammoth: string; bytes: Uint8Array };
  };
  const mammoth = load(workerData.mammoth) as Mammoth;
  const paragraphs: string[] = [];
  const wordsOf = (element: Element): string => {
    if (element.type === 'text') return element.value ?? '';
    if (element.type === 'tab') return '\t';
    if (element.type === 'break') return '\n';
    return (element.children ?? []).map(wordsOf).join('');
  };
  const visit = (element: Element): void => {
    if (element.type === 'paragraph') paragraphs.push(wordsOf(element));
    else (element.children ?? []).forEach(visit);
  };
  await mammoth.convertToHtml(
    { buffer: Buffer.from(workerData.bytes) },
    {
      externalFileAccess: false,
      ignoreEmptyParagraphs: true,
      transformDocument: (document: Element) => {
        visit(document);
        return { ...document, children: [] };
      },
    },
  );
  parentPort.postMessage(paragraphs);
}

function paragraphsOf(bytes: Uint8Array): Promise<string[]> {
  const worker = new Worker(`(${wordsInWorker.toString()})(require)`, {
    eval: true,
    workerData: { mammoth: require.resolve('mammoth'), bytes },
    resourceLimits: { maxOldGenerationSizeMb: workerMegabytes },
  });
  return new Promise((resolve, reject) => {
    const refuse = (refused: PaperRefused): void => {
      clearTimeout(timer);
      reject(refused);
      void worker.terminate();
    };
    const timer = setTimeout(
      () => refuse(new PaperRefused('paper.bomb', { seconds: workerSeconds })),
      workerSeconds * 1000,
    );
    worker.once('message', (paragraphs: string[]) => {
      clearTimeout(timer);
      resolve(paragraphs);
      void worker.terminate();
    });
    worker.once('error', (error: Error & { code?: string }) => {
      const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      refuse(new PaperRefused(outOfMemory ? 'paper.bomb' : 'paper.damaged', { fault: error.message.slice(0, 200) }));
    });
    worker.once('exit', (code) => refuse(new PaperRefused('paper.damaged', { exit: code })));
  });
}

const bare = (words: string): string => words.replace(/\s/g, '');

/** Puts the recounted numbers before the paragraphs they belong to; both lists are in the order of the document. */
function withNumbers(paragraphs: string[], numbered: NumberedParagraph[]): DocxText {
  let at = 0;
  let unnumbered = 0;
  const placed = new Map<number, NumberedParagraph>();
  paragraphs.forEach((words, index) => {
    const key = bare(words);
    if (key === '') return;
    // Text boxes and deletions may stand in one list only: look on a little, else leave the paragraph as it is.
    for (let ahead = at; ahead < Math.min(numbered.length, at + 50); ahead++) {
      const candidate = numbered[ahead];
      if (candidate && bare(candidate.words) === key) {
        placed.set(index, candidate);
        at = ahead + 1;
        return;
      }
    }
  });
  const lines = paragraphs.map((words, index) => {
    const label = placed.get(index)?.label;
    if (label === null) unnumbered++;
    return label ? `${label}${/[.\d]$/.test(label) && /^\d/.test(words) ? ' ' : ''}${words}` : words;
  });
  const lost = numbered.filter(({ label, words }) => label && words.trim() !== '').length;
  const kept = [...placed.values()].filter(({ label }) => label).length;
  return { text: lines.join('\n'), unnumbered: unnumbered + lost - kept };
}

/**
 * The words of a docx, one line a paragraph, with automatic numbers written out. Throws PaperRefused: those of the
 * guard, and paper.empty, paper.bomb (time, memory), paper.damaged.
 */
export async function docxText(bytes: Uint8Array): Promise<DocxText> {
  const parts = await guardDocx(bytes);
  const part = (name: string): string => parts.get(name)?.toString('utf8') ?? '';
  const paragraphs = await paragraphsOf(bytes);
  const found = withNumbers(
    paragraphs,
    numberedParagraphs(part('word/document.xml'), part('word/numbering.xml'), part('word/styles.xml')),
  );
  if (found.text.trim() === '') throw new PaperRefused('paper.empty');
  if (found.text.length > mostTextBytes) throw new PaperRefused('paper.tooLarge', { characters: found.text.length });
  return found;
}
