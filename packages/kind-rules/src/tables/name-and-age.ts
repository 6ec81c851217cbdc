import { metadataWords } from '@fairway/kinds/metadata-words';
import type { KubernetesObject } from '@fairway/protocol';
import type { TableCell, TableColumn, TableColumns } from '../table-columns.ts';
import { elapsedSince } from './elapsed-since.ts';
import type { Shown } from './shown.ts';

export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: metadataWords.name,
  priority: 0,
};

export const ageColumn: TableColumn = {
  name: 'Age',
  type: 'string',
  format: '',
  description: metadataWords.creationTimestamp,
  priority: 0,
};

/**
 * How kinds look that have nothing more to show.
 * Source: apiserver, rest.NewDefaultTableConvertor; kube-apiserver printers, printObjectMeta.
 */
export const nameAndAge: TableColumns = {
  columns: [nameColumn, ageColumn],
  cells: (object, nowMs) => [nameCell(object), ageCell(object, nowMs)],
};

export function nameCell(object: Shown<KubernetesObject>): TableCell {
  return object.metadata?.name ?? '';
}

/** `5d`, `3h20m`, as kubectl prints it. */
export function ageCell(object: Shown<KubernetesObject>, nowMs: number): TableCell {
  return elapsedSince(object.metadata?.creationTimestamp, nowMs);
}
