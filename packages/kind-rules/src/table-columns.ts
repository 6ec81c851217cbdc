import type { KubernetesObject } from '@fairway/protocol';

/** How objects of one kind look in a `Table`. Source: meta/v1 Table. */
export interface TableColumns<T extends KubernetesObject = KubernetesObject> {
  readonly columns: readonly TableColumn[];
  /** One cell a column. `nowMs` is for ages. */
  readonly cells: (object: T, nowMs: number) => readonly TableCell[];
}

export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  /** 0 is always shown; higher ones only with `-o wide`. */
  readonly priority: number;
}

export type TableCell = string | number | bigint | boolean | null;
