import type { Client } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import type { TableOptions } from '../output/table-printer.ts';
import { typeNameOf } from '../output/type-name.ts';
import type { WantedResource } from '../selection/resolve-resources.ts';
import type { FileFlags } from '../selection/selection-flags.ts';
import type { GetFormat } from './get-format.ts';
import type { Sorting } from './sort-objects.ts';

export interface GetFlags extends ClusterFlags, FileFlags {
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly watch?: boolean;
  readonly watchOnly?: boolean;
  readonly output?: string;
  readonly template?: string;
  readonly sortBy?: string;
  readonly labelColumns?: readonly string[];
  readonly subresource?: string;
  readonly headers: boolean;
  readonly showLabels?: boolean;
  readonly showKind?: boolean;
  readonly showManagedFields?: boolean;
  readonly ignoreNotFound?: boolean;
  readonly chunkSize: string;
  readonly raw?: string;
}

/** What showing objects takes. */
export interface GetTask extends Sorting {
  readonly context: CommandContext;
  readonly client: Client;
  readonly flags: GetFlags;
  readonly format: GetFormat;
}

/** How the tables of a resource look. */
export function tableOptions(
  { flags, format }: GetTask,
  { resource }: WantedResource,
  isOneOfMany: boolean,
): TableOptions {
  return {
    isWide: format.kind === 'table' && format.isWide,
    hasHeaders: flags.headers,
    showNamespace: flags.allNamespaces === true && resource.isNamespaced,
    showLabels: flags.showLabels === true,
    ...(flags.labelColumns === undefined ? {} : { labelColumns: flags.labelColumns }),
    ...(isOneOfMany || flags.showKind === true ? { typeName: typeNameOf(resource) } : {}),
  };
}
