import { metadataWords } from '@fairway/kinds/metadata-words';
import type { KubernetesObject } from '@fairway/protocol';
import type { TableCell, TableColumn, TableColumns } from '../table-columns.ts';
import { ageCell, ageColumn, nameCell, nameColumn } from './name-and-age.ts';
import type { Shown } from './shown.ts';
import { withoutNulls } from './without-nulls.ts';

/** A column that knows its cells. */
export interface CellColumn<Row> extends TableColumn {
  readonly cell: (object: Row, nowMs: number) => TableCell;
}

/**
 * Makes the table of one kind, column by column, so that every column has its cell.
 * Source: API concepts, "Receiving resources as Tables".
 */
export function defineTable<T extends KubernetesObject>(
  columns: readonly CellColumn<Shown<T>>[],
): TableColumns {
  return {
    columns: columns.map(({ cell: _, ...column }) => column),
    cells: (object, nowMs) => {
      // The registry hands a kind's objects to that kind's table only.
      const shown = withoutNulls(object) as Shown<T>;
      return columns.map(({ cell }) => cell(shown, nowMs));
    },
  };
}

/** The object's name. */
export const name: CellColumn<Shown<KubernetesObject>> = { ...nameColumn, cell: nameCell };

/** Time since the object was created. */
export const age: CellColumn<Shown<KubernetesObject>> = { ...ageColumn, cell: ageCell };

/** How kinds look that only tell when they were created. */
export const nameAndCreation: TableColumns = defineTable<KubernetesObject>([
  name,
  {
    name: 'Created At',
    type: 'date',
    format: '',
    description: metadataWords.creationTimestamp,
    priority: 0,
    cell: ({ metadata }) => metadata?.creationTimestamp ?? '<unknown>',
  },
]);

type Cell<Row> = CellColumn<Row>['cell'];

/** A column of text, or of what is read like text. */
export function text<Row>(title: string, description: string, cell: Cell<Row>): CellColumn<Row> {
  return { name: title, type: 'string', format: '', description, priority: 0, cell };
}

/** A column of whole numbers. */
export function integer<Row>(title: string, description: string, cell: Cell<Row>): CellColumn<Row> {
  return { ...text(title, description, cell), type: 'integer' };
}

/** A column of yes and no. */
export function flag<Row>(title: string, description: string, cell: Cell<Row>): CellColumn<Row> {
  return { ...text(title, description, cell), type: 'boolean' };
}

/** A column that only `-o wide` shows. */
export function wide<Row>(column: CellColumn<Row>): CellColumn<Row> {
  return { ...column, priority: 1 };
}
