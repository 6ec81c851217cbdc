import type { JsonPathStep } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { ColumnWidths } from '../output/column-widths.ts';
import { readFieldPath, valuesAt } from '../output/json-path.ts';
import { valueText } from '../output/value-text.ts';

/** A column that the user asks for; no path: it is empty. */
export interface CustomColumn {
  readonly header: string;
  readonly path: readonly JsonPathStep[] | undefined;
}

/** Reads `NAME:.metadata.name,IMAGE:.spec.containers[*].image`. Errors: `CommandError`. */
export function parseCustomColumns(text: string): readonly CustomColumn[] {
  if (text === '') throw noColumns();
  return text.split(',').map((part) => {
    const mark = part.indexOf(':');
    if (mark < 0) {
      throw new CommandError(
        `unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`,
      );
    }
    return customColumn(part.slice(0, mark), part.slice(mark + 1));
  });
}

/** Reads a file with two lines: headers, and a path below each of them. Errors: `CommandError`. */
export function parseColumnsFile(text: string): readonly CustomColumn[] {
  const [headers = [], paths = []] = text.split('\n').map((line) => line.match(/\S+/g) ?? []);
  if (headers.length === 0) throw noColumns();
  if (headers.length !== paths.length) {
    throw new CommandError(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match: write one line of headers, and one with a path for each`,
    );
  }
  return headers.map((header, at) => customColumn(header, paths[at] ?? ''));
}

function noColumns(): CommandError {
  return new CommandError(
    'custom-columns format specified but no custom columns given; write -o custom-columns=NAME:.metadata.name',
  );
}

function customColumn(header: string, path: string): CustomColumn {
  return { header, path: path === '' ? undefined : readFieldPath(path) };
}

/** Prints objects below each other, as kubectl does; columns never get narrower. */
export class ColumnsPrinter {
  readonly #columns: readonly CustomColumn[];
  readonly #widths = new ColumnWidths();
  #isHeaderDue: boolean;

  constructor(columns: readonly CustomColumn[], { hasHeaders }: { readonly hasHeaders: boolean }) {
    this.#columns = columns;
    this.#isHeaderDue = hasHeaders;
  }

  /** A line for each object, after that of the headers at first. */
  print(objects: readonly unknown[]): string {
    const headers = this.#isHeaderDue ? [this.#columns.map(({ header }) => header)] : [];
    this.#isHeaderDue = false;
    const rows = objects.map((object) => this.#columns.map(({ path }) => cell(path, object)));
    return this.#widths.align([...headers, ...rows]);
  }
}

function cell(path: readonly JsonPathStep[] | undefined, object: unknown): string {
  const values = path === undefined ? [] : valuesAt(path, object);
  return values.length === 0 ? '<none>' : values.map(valueText).join(',');
}
