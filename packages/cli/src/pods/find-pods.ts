import type { DiscoveredResource, DynamicObject } from '@fairway/client';
import { timeLimit } from '@fairway/host';
import { Pod } from '@fairway/kinds/core/v1';
import {
  type LabelSelectorObject,
  formatLabelSelector,
  parseDuration,
  parseLabelSelectorObject,
} from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { typeNameOf } from '../output/type-name.ts';
import { type Selecting, placeOf } from '../selection/select-objects.ts';
import { collectObjects } from '../selection/visit-objects.ts';
import { type PodOrder, inOrder } from './pod-order.ts';

/** A pod, or what has pods, as the server has it. */
export interface PodOwner {
  readonly resource: DiscoveredResource;
  readonly name: string;
  readonly namespace: string;
  readonly object: DynamicObject;
}

/**
 * Reads the one object that is meant by `POD`, `TYPE/NAME` or a file.
 *
 * Errors: `CommandError`, `ApiError`.
 */
export async function readPodOwner(task: Selecting, word: string | undefined): Promise<PodOwner> {
  const words = word === undefined ? [] : [word.includes('/') ? word : `pods/${word}`];
  const found = await collectObjects(task, words);
  const [selected] = found;
  if (selected === undefined || found.length > 1) {
    throw new CommandError(`${found.length} objects are named, where one is wanted: name one pod`);
  }
  const { resource, name } = selected;
  const { signal } = task.context;
  const object = await task.client.get(resource, name, { ...placeOf(selected), signal });
  return { resource, name, namespace: selected.namespace ?? task.client.namespace, object };
}

/**
 * The selector of the pods that belong to it; undefined for a pod.
 *
 * Errors: `CommandError` for what has no pods.
 */
export function podSelectorOf({ resource, name, object }: PodOwner): string | undefined {
  const type = typeNameOf(resource);
  if (type === 'pod') return undefined;
  const { selector } = (object['spec'] ?? {}) as { readonly selector?: unknown };
  if (withSelectorObject.has(type)) {
    return formatLabelSelector(parseLabelSelectorObject(selector as LabelSelectorObject));
  }
  if (!withLabels.has(type)) {
    throw new CommandError(
      `${type}/${name} has no pods of its own; name a pod, a workload such as deploy/NAME, or svc/NAME`,
    );
  }
  const labels = Object.entries((selector ?? {}) as Record<string, string>);
  if (labels.length > 0) return labels.map(([key, value]) => `${key}=${value}`).join(',');
  throw new CommandError(`invalid service '${name}': Service is defined without a selector`);
}

const withSelectorObject = new Set([
  'deployment.apps',
  'replicaset.apps',
  'statefulset.apps',
  'daemonset.apps',
  'job.batch',
]);
const withLabels = new Set(['service', 'replicationcontroller']);

/** How a pod of several is chosen. */
export interface PodChoice {
  readonly order: PodOrder;
  /** How long to wait for the first one, where there is none. */
  readonly waitMs: number;
}

/**
 * All pods that belong to an object, the best one first; a pod belongs to itself. Where there is none, it waits
 * for one.
 *
 * Errors: `CommandError` when none has come in time.
 */
export async function podsOf(
  { client, context }: Pick<Selecting, 'client' | 'context'>,
  owner: PodOwner,
  { order, waitMs }: PodChoice,
): Promise<readonly [Pod, ...Pod[]]> {
  const labelSelector = podSelectorOf(owner);
  if (labelSelector === undefined) return [owner.object as Pod];
  const late = (): Error =>
    new CommandError(
      `timed out waiting for a pod of ${typeNameOf(owner.resource)}/${owner.name}: none has come with the labels ${labelSelector}`,
    );
  using limit = timeLimit(client.clock, waitMs, { late, signal: context.signal });
  const { signal } = limit;
  const { namespace } = owner;
  const there = await client.list(Pod, { labelSelector, namespace, signal }).all();
  const [best, ...others] = inOrder(there.items, order);
  if (best !== undefined) return [best, ...others];
  for await (const event of client.reflect(Pod, { labelSelector, namespace, signal })) {
    if (event.type === 'InitApply' || event.type === 'Apply') return [event.object];
  }
  signal.throwIfAborted();
  throw late();
}

/** Reads `--pod-running-timeout`. Errors: `CommandError`. */
export function readPodTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new CommandError(
    `--pod-running-timeout ${JSON.stringify(text)} is no time above zero: write 20s or 1m`,
  );
}
