import type { CustomResourceColumnDefinition } from '@fairway/kinds/apiextensions/v1';
import { type KubernetesObject, humanDuration, stringifyJson } from '@fairway/protocol';
import {
  nameAndAge,
  nameCell,
  nameColumn,
  type TableCell,
  type TableColumn,
  type TableColumns,
} from '@fairway/kind-rules';
import { type JsonPath, parseJsonPath } from './json-path.ts';

/** The age is written like any other, and said to be a date. */
const nameAndDate: TableColumns = {
  ...nameAndAge,
  columns: nameAndAge.columns.map((column) =>
    column.name === 'Age' ? { ...column, type: 'date' } : column,
  ),
};

/** How custom resources look in a Table: the name, then the columns of their definition. */
export function customResourceColumns(
  definitions: readonly CustomResourceColumnDefinition[],
): TableColumns {
  if (definitions.length === 0) return nameAndDate;
  const own = definitions.map((definition) => ({
    column: columnOf(definition),
    find: pathOf(definition.jsonPath),
  }));
  return {
    columns: [nameColumn, ...own.map(({ column }) => column)],
    cells: (object, nowMs) => [
      nameCell(object),
      ...own.map(({ column, find }) => cell(object, { column, find, nowMs })),
    ],
  };
}

function columnOf(definition: CustomResourceColumnDefinition): TableColumn {
  const { name, type, format = '', jsonPath, priority = 0 } = definition;
  const description =
    definition.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type: columnTypes.get(type) ?? 'string', format, description, priority };
}

const columnTypes: ReadonlyMap<string, TableColumn['type']> = new Map(
  (['boolean', 'date', 'integer', 'number', 'string'] as const).map((type) => [type, type]),
);

/** A path that cannot be read shows nothing; definitions that have one are refused. */
function pathOf(text: string): JsonPath {
  const parsed = parseJsonPath(text);
  return parsed.kind === 'parsed' ? parsed.find : () => [];
}

function cell(
  object: KubernetesObject,
  source: { readonly column: TableColumn; readonly find: JsonPath; readonly nowMs: number },
): TableCell {
  const [value] = source.find(object);
  if (value === undefined || value === null) return null;
  switch (source.column.type) {
    case 'integer':
      if (typeof value === 'bigint') return value;
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, source.nowMs) : null;
    case 'string':
      return typeof value === 'string' ? value : (stringifyJson(value) ?? null);
  }
}

function ageOf(time: string, nowMs: number): string {
  const then = Date.parse(time);
  return Number.isNaN(then) ? '<invalid>' : humanDuration(nowMs - then);
}
