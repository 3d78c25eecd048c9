// A written workbook is read back by the library that wrote it, cell by cell: what a clerk sees is what the rows said.
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Workbook } from 'exceljs';
import type { Worksheet } from 'exceljs';
import { harmless, writeWorkbook } from './workbook';
import type { WorkbookColumn } from './workbook';

type Line = { readonly id: string; readonly text: string; readonly count: number };
const columns: readonly WorkbookColumn<Line>[] = [
  { group: '', title: '_id', width: 4, value: ({ id }) => id },
  { group: '', title: '序号', width: 6, value: (_, n) => n },
  { group: '反馈问题', title: '原文', width: 40, value: ({ text }) => text },
  { group: '反馈问题', title: '次数', width: 8, value: ({ count }) => count },
];
const head = { title: '整改台账', subtitle: '共3条', columns, frozen: 2, hidden: 1 };
const lines: readonly Line[] = [
  { id: 'a', text: '学习不够及时', count: 1 },
  { id: 'b', text: '=HYPERLINK("http://elsewhere.example")', count: -2 },
  { id: 'c', text: '', count: 0 },
];

async function read(rows: AsyncIterable<readonly Line[]>): Promise<Worksheet> {
  const file = new PassThrough();
  const [bytes] = await Promise.all([buffer(file), writeWorkbook(head, rows, file)]);
  const book = new Workbook();
  await book.xlsx.load(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
  return book.getWorksheet('台账') as Worksheet;
}

async function* batches(): AsyncGenerator<readonly Line[]> {
  yield lines.slice(0, 2);
  yield lines.slice(2);
}

describe('a ledger as a workbook', () => {
  it('has title, heading in two rows and one row a line, numbered through', async () => {
    const page = await read(batches());
    const row = (n: number) => [1, 2, 3, 4].map((column) => page.getCell(n, column).value);
    expect(page.getCell(1, 2).value).toBe('整改台账');
    expect(row(3).slice(1)).toEqual(['序号', '反馈问题', '反馈问题']);
    expect(row(4).slice(1)).toEqual(['序号', '原文', '次数']);
    expect(row(5)).toEqual(['a', 1, '学习不够及时', 1]);
    expect(row(7)).toEqual(['c', 3, null, 0]);
    expect(page.actualRowCount).toBe(7);
  });

  it('keeps the id out of sight, the heading in sight, and prints it on every sheet of paper', async () => {
    const page = await read(batches());
    expect(page.getColumn(1).hidden).toBe(true);
    expect(page.views[0]).toMatchObject({ state: 'frozen', xSplit: 2, ySplit: 4 });
    expect(page.pageSetup).toMatchObject({ paperSize: 9, orientation: 'landscape', fitToWidth: 1 });
  });

  it('lets no cell become a formula', async () => {
    expect((await read(batches())).getCell(6, 3).value).toBe(`'${lines[1]?.text}`);
    for (const start of ['=', '+', '-', '@', '\t', '\r', '\0']) expect(harmless(`${start}1`)).toBe(`'${start}1`);
    expect([harmless('一'), harmless(-1)]).toEqual(['一', -1]);
  });

  it('fails aloud when the rows cannot be read to their end', async () => {
    async function* broken(): AsyncGenerator<readonly Line[]> {
      yield lines;
      throw new Error('the database is gone');
    }
    const file = new PassThrough();
    file.resume();
    await expect(writeWorkbook(head, broken(), file)).rejects.toThrow('the database is gone');
  });
});
