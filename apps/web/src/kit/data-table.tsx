// A plain table: semantics the screen reader knows, sticky head, one row of the keyboard's choosing.
import type { MouseEvent, ReactNode } from 'react';

export type Sorting = { readonly direction: 'asc' | 'desc' | undefined; readonly onToggle: () => void };
export type Column<Row> = {
  readonly key: string;
  readonly title: string;
  readonly width?: number;
  readonly right?: boolean;
  readonly sorting?: Sorting;
  readonly cell: (row: Row) => ReactNode;
};
type Props<Row> = {
  /** What the table is, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly chosen?: string | undefined;
  readonly onChoose?: (row: Row) => void;
};

export function DataTable<Row>({ caption, columns, rows, rowKey, chosen, onChoose }: Props<Row>) {
  const choose = (event: MouseEvent, row: Row) => {
    const onControl = event.target instanceof Element && event.target.closest('a, button, input') !== null;
    if (!onControl) onChoose?.(row);
  };
  return (
    <table className={onChoose === undefined ? 'table' : 'table table-choosable'}>
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.key} column={column} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={rowKey(row)}
            data-row={rowKey(row)}
            className={rowKey(row) === chosen ? 'chosen' : undefined}
            onClick={(event) => choose(event, row)}
          >
            {columns.map((column) => (
              <td key={column.key} className={column.right ? 'right' : undefined}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const ariaSort = { asc: 'ascending', desc: 'descending' } as const;
const arrows = { asc: '▲', desc: '▼' } as const;

function Head<Row>({ column }: { column: Column<Row> }) {
  const { title, width, right, sorting } = column;
  const direction = sorting?.direction;
  return (
    <th
      scope="col"
      className={right ? 'right' : undefined}
      style={width === undefined ? undefined : { width }}
      aria-sort={sorting === undefined ? undefined : direction === undefined ? 'none' : ariaSort[direction]}
    >
      {sorting === undefined ? (
        title
      ) : (
        <button type="button" className="sort" onClick={sorting.onToggle}>
          {title}
          <span aria-hidden="true">{direction === undefined ? ' ⇅' : ` ${arrows[direction]}`}</span>
        </button>
      )}
    </th>
  );
}
