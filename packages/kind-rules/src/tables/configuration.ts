import type { ConfigMap, Secret } from '@fairway/kinds/core/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';

/** Source: kube-apiserver printers, printConfigMap and printSecret. */
export const configMaps: TableColumns = defineTable<ConfigMap>([
  name,
  text('Data', 'Number of entries.', ({ data = {}, binaryData = {} }) => {
    return Object.keys(data).length + Object.keys(binaryData).length;
  }),
  age,
]);

export const secrets: TableColumns = defineTable<Secret>([
  name,
  text('Type', 'What the secret is for.', ({ type }) => type ?? ''),
  text('Data', 'Number of entries.', ({ data = {} }) => Object.keys(data).length),
  age,
]);
