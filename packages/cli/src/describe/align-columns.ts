/** Between two columns. */
const gap = 2;

/**
 * Aligns cells that end with a tab: a column is as wide as the widest of those that stand directly below
 * each other, within lines that have all columns before it too. What follows the last tab of a line is in
 * no column.
 *
 * Source: Go, text/tabwriter, as kubectl uses it.
 */
export function alignColumns(text: string): string {
  const rows = text.split('\n').map((line) => line.split('\t'));
  const widths: number[][] = rows.map(() => []);
  measure(rows, widths, { from: 0, to: rows.length, column: 0 });
  const lines = rows.map((cells, row) =>
    cells.map((cell, at) => padded(cell, widths[row]?.[at] ?? 0)).join(''),
  );
  return lines.join('\n');
}

interface Block {
  readonly from: number;
  readonly to: number;
  readonly column: number;
}

/** Measures a column in a block of lines, and the columns after it in each run of lines that have it. */
function measure(
  rows: readonly (readonly string[])[],
  widths: readonly number[][],
  { from, to, column }: Block,
): void {
  const hasColumn = (row: number): boolean => column < (rows[row]?.length ?? 0) - 1;
  let row = from;
  while (row < to) {
    if (!hasColumn(row)) {
      row += 1;
      continue;
    }
    const start = row;
    let width = 0;
    for (; row < to && hasColumn(row); row += 1) {
      width = Math.max(width, lengthOf(rows[row]?.[column] ?? ''));
    }
    for (let each = start; each < row; each += 1) widths[each]?.push(width + gap);
    measure(rows, widths, { from: start, to: row, column: column + 1 });
  }
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - lengthOf(cell)));
}

/** In code points. */
function lengthOf(text: string): number {
  return [...text].length;
}
