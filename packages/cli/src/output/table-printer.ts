import { stringifyJson } from '@fairway/protocol';
import type { Table, TableColumn, TableRow } from '@fairway/client';
import { ColumnWidths } from './column-widths.ts';
import { visibleText } from './visible-text.ts';

export interface TableOptions {
  /** Columns of all priorities. */
  readonly isWide: boolean;
  readonly hasHeaders: boolean;
  readonly showNamespace: boolean;
  readonly showLabels: boolean;
  /** Labels that have columns of their own. */
  readonly labelColumns?: readonly string[];
  /** Put before each name: `pod`. */
  readonly typeName?: string;
}

/**
 * Lays out the rows of a server as kubectl does. Columns never get narrower, so that the rows of a
 * watch stay below each other.
 */
export class TablePrinter {
  readonly #options: TableOptions;
  readonly #columnWidths = new ColumnWidths();
  #columns: readonly TableColumn[] = [];
  #hasPrintedHeader = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /** The text of a table; of a later one only the rows, as long as the columns are the same. */
  print(table: Pick<Table, 'columnDefinitions' | 'rows'>): string {
    // The rows of a watch come without columns after the first.
    const columns = table.columnDefinitions ?? [];
    const isNew = columns.length > 0 && !sameColumns(columns, this.#columns);
    if (isNew) this.#columns = columns;
    const lines: (readonly string[])[] = [];
    if (this.#options.hasHeaders && (isNew || !this.#hasPrintedHeader)) {
      lines.push(this.#header());
      this.#hasPrintedHeader = true;
    }
    for (const row of table.rows ?? []) lines.push(this.#row(row));
    return this.#columnWidths.align(lines);
  }

  #header(): readonly string[] {
    const { showNamespace, showLabels, labelColumns = [] } = this.#options;
    const names = this.#shownColumns().map(({ column }) => cellText(column.name).toUpperCase());
    return [
      ...(showNamespace ? ['NAMESPACE'] : []),
      ...names,
      ...labelColumns.map((label) => cellText(label.split('/').at(-1)).toUpperCase()),
      ...(showLabels ? ['LABELS'] : []),
    ];
  }

  // A server may leave out what it has none of.
  #row({ cells = [], object }: Partial<TableRow>): readonly string[] {
    const { showNamespace, showLabels, labelColumns = [], typeName } = this.#options;
    const shown = this.#shownColumns().map(({ column, index }) => {
      const text = cellText(cells[index]);
      return typeName !== undefined && column.format === 'name' ? `${typeName}/${text}` : text;
    });
    const { namespace = '', labels } = object?.metadata ?? {};
    return [
      ...(showNamespace ? [cellText(namespace)] : []),
      ...shown,
      ...labelColumns.map((label) => cellText(labels?.[label])),
      ...(showLabels ? [cellText(labelText(labels))] : []),
    ];
  }

  #shownColumns(): readonly { readonly column: TableColumn; readonly index: number }[] {
    return this.#columns
      .map((column, index) => ({ column, index }))
      .filter(({ column }) => this.#options.isWide || (column.priority ?? 0) === 0);
  }
}

function sameColumns(a: readonly TableColumn[], b: readonly TableColumn[]): boolean {
  return a.length === b.length && a.every((column, index) => column.name === b[index]?.name);
}

// A cell is one line, and nothing in it may steer the terminal.
function cellText(cell: unknown): string {
  if (cell === undefined || cell === null) return '';
  const text = typeof cell === 'object' ? stringifyJson(cell) : String(cell);
  const [first = '', ...more] = text.split(/[\n\r\f]/);
  const visible = visibleText(first).replaceAll('\t', '\\x09');
  return more.length > 0 ? `${visible}...` : visible;
}

function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}
