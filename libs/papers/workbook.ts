// A ledger as a spreadsheet in the customary layout (ux.md section 2): title, what it covers, a heading of two rows, then
// one row each. Written as it is read: neither the rows nor the file are ever held as a whole.
import type { Writable } from 'node:stream';
import type { Worksheet } from 'exceljs';

export type WorkbookColumn<Row> = {
  /** Heading over neighbours of the same group; empty = the title stands over both rows. */
  readonly group: string;
  readonly title: string;
  /** In characters. */
  readonly width: number;
  /** @param n number of the row, from 1 */
  readonly value: (row: Row, n: number) => string | number;
};

export type WorkbookOf<Row> = {
  readonly title: string;
  /** What it covers, and up to when. */
  readonly subtitle: string;
  readonly columns: readonly WorkbookColumn<Row>[];
  /** The first columns that stay in sight, and the first of all that are hidden (ids for the way back). */
  readonly frozen: number;
  readonly hidden: number;
};

const headingRows = 4;
const thin = { style: 'thin' } as const;
const border = { top: thin, left: thin, bottom: thin, right: thin };
const middle = { vertical: 'middle', horizontal: 'center', wrapText: true } as const;

/** Streams the workbook; ends `target`. @throws what reading the rows throws; the file is cut off then */
export async function writeWorkbook<Row>(
  sheet: WorkbookOf<Row>,
  rows: AsyncIterable<readonly Row[]>,
  target: Writable,
): Promise<void> {
  // Loaded when somebody exports: it is no small library.
  const { default: exceljs } = await import('exceljs');
  const book = new exceljs.stream.xlsx.WorkbookWriter({ stream: target, useStyles: true, useSharedStrings: false });
  const { columns, frozen } = sheet;
  const page = book.addWorksheet('台账', {
    views: [{ state: 'frozen', xSplit: frozen, ySplit: headingRows }],
    pageSetup: {
      ...{ paperSize: 9, orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 },
      printTitlesRow: `1:${headingRows}`,
    },
    headerFooter: { oddFooter: '第&P页 共&N页' },
  });
  page.columns = columns.map(({ width }, n) => ({ width, hidden: n < sheet.hidden }));
  writeHeading(page, sheet);
  const style = {
    font: { name: '仿宋', size: 11 },
    alignment: { vertical: 'middle', wrapText: true },
    border,
  } as const;
  let n = 0;
  for await (const batch of rows) {
    for (const row of batch) {
      n += 1;
      const number = n;
      const added = page.addRow(columns.map(({ value }) => harmless(value(row, number))));
      added.eachCell({ includeEmpty: true }, (cell) => (cell.style = style));
      added.commit();
    }
  }
  page.commit();
  await book.commit();
}

function writeHeading<Row>(page: Worksheet, { title, subtitle, columns, hidden }: WorkbookOf<Row>): void {
  const last = columns.length;
  page.addRow([...Array<string>(hidden).fill(''), title]);
  page.addRow([...Array<string>(hidden).fill(''), subtitle]);
  page.addRow(columns.map(({ group, title: own }) => (group === '' ? own : group)));
  page.addRow(columns.map(({ title: own }) => own));
  page.mergeCells(1, hidden + 1, 1, last);
  page.mergeCells(2, hidden + 1, 2, last);
  for (let from = hidden; from < last;) {
    const { group } = columns[from] as WorkbookColumn<Row>;
    let to = from;
    while (group !== '' && columns[to + 1]?.group === group) to += 1;
    if (group === '') page.mergeCells(3, from + 1, 4, from + 1);
    else if (to > from) page.mergeCells(3, from + 1, 3, to + 1);
    from = to + 1;
  }
  page.getCell(1, hidden + 1).style = { font: { name: '小标宋', size: 22 }, alignment: middle };
  page.getCell(2, hidden + 1).style = { font: { name: '仿宋', size: 11 }, alignment: { vertical: 'middle' } };
  for (const row of [3, 4]) {
    for (let column = 1; column <= last; column += 1) {
      page.getCell(row, column).style = { font: { name: '黑体', size: 11 }, alignment: middle, border };
    }
  }
  for (let row = 1; row <= headingRows; row += 1) page.getRow(row).commit();
}

/** A cell is a word, never a formula: what a spreadsheet would run gets an apostrophe before it (ASVS 1.2.10). */
export function harmless(value: string | number): string | number {
  return typeof value === 'string' && /^[=+\-@\t\r\0]/.test(value) ? `'${value}` : value;
}
