import type { Client, DiscoveredResource, Discovery, DynamicObject } from '@fairway/client';
import { apiVersionOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { DryRun } from '../output/dry-run.ts';
import { lastAppliedAnnotation } from '../writes/last-applied.ts';

/** What is looked at where nobody names types. Source: kubectl. */
const usualTypes = [
  'core/v1/ConfigMap',
  'core/v1/Endpoints',
  'core/v1/PersistentVolumeClaim',
  'core/v1/Pod',
  'core/v1/ReplicationController',
  'core/v1/Secret',
  'core/v1/Service',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  'core/v1/Namespace',
  'core/v1/PersistentVolume',
];

/** A type of objects that may be pruned. */
export interface PrunedType {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What is pruned, and where. */
export interface Pruning {
  readonly context: CommandContext;
  readonly client: Client;
  readonly discovery: Discovery;
  readonly dryRun: DryRun;
  readonly selector: string | undefined;
  /** The usual types when there are none. */
  readonly allowlist: readonly PrunedType[];
  /** Of what was applied. */
  readonly namespaces: ReadonlySet<string>;
  readonly uids: ReadonlySet<string>;
  readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan';
  readonly print: (resource: DiscoveredResource, object: DynamicObject) => Promise<void>;
}

/** Deletes what was applied once, is selected, and is not among what is applied now. */
export async function prune(pruning: Pruning): Promise<void> {
  const { discovery, allowlist, namespaces } = pruning;
  const types = allowlist.length === 0 ? usualTypes.map(readPrunedType) : allowlist;
  const resources = await discovery.resources();
  const found: DiscoveredResource[] = [];
  for (const { apiVersion, kind } of types) {
    const resource = resources.find(
      (each) => apiVersionOf(each) === apiVersion && each.kind === kind,
    );
    if (resource !== undefined) found.push(resource);
    else if (allowlist.length > 0) {
      throw new CommandError(
        `no matches for kind "${kind}" in version "${apiVersion}"; see --prune-allowlist`,
      );
    }
  }
  for (const namespace of namespaces) {
    for (const resource of found.filter(({ isNamespaced }) => isNamespaced)) {
      await pruneType(pruning, resource, { namespace });
    }
  }
  for (const resource of found.filter(({ isNamespaced }) => !isNamespaced)) {
    await pruneType(pruning, resource, {});
  }
}

/** Reads `GROUP/VERSION/KIND`. Errors: `CommandError`. */
export function readPrunedType(text: string): PrunedType {
  const [group = '', version = '', kind = '', ...rest] = text.split('/');
  if (kind === '' || version === '' || group === '' || rest.length > 0) {
    throw new CommandError(
      `invalid GroupVersionKind format: ${text}, please follow <group/version/kind>, such as core/v1/ConfigMap or apps/v1/Deployment`,
    );
  }
  return { apiVersion: group === 'core' ? version : `${group}/${version}`, kind };
}

async function pruneType(
  { client, context, selector, uids, dryRun, print, propagationPolicy }: Pruning,
  resource: DiscoveredResource,
  place: { readonly namespace?: string },
): Promise<void> {
  const { signal } = context;
  const labels = selector === undefined || selector === '' ? {} : { labelSelector: selector };
  for await (const object of client.list(resource, { ...place, ...labels, signal })) {
    const { name = '', uid = '', annotations } = object.metadata ?? {};
    const isApplied =
      annotations !== undefined && Object.hasOwn(annotations, lastAppliedAnnotation);
    if (!isApplied || uids.has(uid)) continue;
    if (dryRun !== 'client') {
      await client.delete(resource, name, {
        ...place,
        propagationPolicy,
        preconditions: { uid },
        signal,
        ...(dryRun === 'server' ? { dryRun: true } : {}),
      });
    }
    await print(resource, object);
  }
}
