import { visibleText } from '../output/visible-text.ts';
import { alignColumns } from './align-columns.ts';

/** The lines of a description. A tab in one ends a cell, and cells below each other are aligned. */
export type Lines = readonly string[];

/** Lines and single lines in their order; what is undefined is left out. */
export function lines(...parts: readonly (string | Lines | undefined)[]): Lines {
  return parts.flatMap((part) => part ?? []);
}

/** `Name:  web` */
export function field(label: string, value: string | number | boolean): string {
  return `${label}:\t${value}`;
}

/** The same for what is there; an empty text is not. */
export function fieldIfAny(
  label: string,
  value: string | number | boolean | undefined,
): string | undefined {
  return value === undefined || value === '' ? undefined : field(label, value);
}

/** Values below each other, the first beside the label; `<none>` when there are none. */
export function fieldOfLines(label: string, values: Lines): Lines {
  const [first = '<none>', ...more] = values;
  return [field(label, first), ...more.map((value) => `\t${value}`)];
}

/** A title, and below it what it is about. */
export function section(title: string, content: Lines, levels = 1): Lines {
  return [`${title}:`, ...indented(content, levels)];
}

/** Deeper by so many levels, of two blanks each. */
export function indented(content: Lines, levels = 1): Lines {
  const indent = '  '.repeat(levels);
  return content.map((line) => indent + line);
}

/** A header, dashes below it, and rows of cells. A column is its name, or that and how many dashes it has. */
export function table(
  columns: readonly (string | readonly [name: string, dashes: number])[],
  rows: readonly (readonly (string | number)[])[],
): Lines {
  const named = columns.map((column) =>
    typeof column === 'string' ? ([column, column.length] as const) : column,
  );
  const header = named.map(([name]) => name);
  const dashes = named.map(([, count]) => '-'.repeat(count));
  return [header, dashes, ...rows].map((cells) => cells.join('\t'));
}

/** The text of a description, in which nothing steers a terminal. */
export function textOf(content: Lines): string {
  return alignColumns(visibleText(content.map((line) => `${line}\n`).join('')));
}
