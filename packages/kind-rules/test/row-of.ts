import type { KubernetesObject } from '@fairway/protocol';
import type { TableCell, TableColumns } from '../src/table-columns.ts';

/** When the tests of tables take place. */
export const tableNowMs: number = Date.parse('2026-11-22T12:00:00Z');

/** The cells of one object by the name of their column, except what most kinds share. */
export function rowOf(table: TableColumns, object: object): Readonly<Record<string, TableCell>> {
  const cells = table.cells(object as KubernetesObject, tableNowMs);
  const row = table.columns.map(({ name }, place) => [name, cells[place] ?? null] as const);
  return Object.fromEntries(row.filter(([name]) => name !== 'Name' && name !== 'Age'));
}
