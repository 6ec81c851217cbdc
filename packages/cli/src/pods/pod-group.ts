import { type Client, isForbidden, isNotFound } from '@fairway/client';
import type { ObjectMeta } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { resourceOf } from '../selection/resolve-resources.ts';
import type { Selecting } from '../selection/select-objects.ts';
import { type PodOwner, podSelectorOf } from './find-pods.ts';

/** Pods that can stand in for one another. */
export interface PodGroup {
  readonly namespace: string;
  /** Selects them. */
  readonly select: { readonly labelSelector: string } | { readonly fieldSelector: string };
}

/**
 * The pods that can stand in for one: those of its workload. One that is on its own, or has an identity of its own as
 * those of stateful sets, stands in for itself when it comes again.
 */
export async function podGroupOf(task: Selecting, subject: PodOwner): Promise<PodGroup> {
  const { namespace, name } = subject;
  const labelSelector = podSelectorOf(subject) ?? (await selectorOfController(task, subject));
  if (labelSelector !== undefined) return { namespace, select: { labelSelector } };
  return { namespace, select: { fieldSelector: `metadata.name=${name}` } };
}

async function selectorOfController(task: Selecting, pod: PodOwner): Promise<string | undefined> {
  try {
    const workload = await controllerOf(task, pod);
    if (workload === undefined || workload.resource.kind === 'StatefulSet') return undefined;
    // A rollout makes another replica set.
    return podSelectorOf((await controllerOf(task, workload)) ?? workload);
  } catch (error) {
    // Who may not read it, or an owner without a selector, still has the pod.
    if (error instanceof CommandError || isForbidden(error) || isNotFound(error)) return undefined;
    throw error;
  }
}

async function controllerOf(
  { client, discovery, context }: Selecting & { readonly client: Client },
  { object, namespace }: PodOwner,
): Promise<PodOwner | undefined> {
  const { ownerReferences = [] } = (object.metadata ?? {}) as ObjectMeta;
  const reference = ownerReferences.find(({ controller }) => controller === true);
  if (reference === undefined) return undefined;
  const { name } = reference;
  const resource = await resourceOf(discovery, reference);
  const { signal } = context;
  return {
    resource,
    name,
    namespace,
    object: await client.get(resource, name, { namespace, signal }),
  };
}
