import { type Client, isNotFound } from '@fairway/client';
import { newPodCondition, podCondition } from '@fairway/kind-rules/pods';
import { Pod } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import type { PodFacts } from '../snapshot/pod-facts.ts';

/** Why a pod has no node. */
export interface PodFailure {
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** The node where others make way for it; undefined: as it was; empty: none any more. */
  readonly nominatedNode?: string;
}

/** Writes into a pod's status why it has no node, unless it says so already. */
export async function reportFailure(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  { pod, namespace, name, uid }: PodFacts,
  { reason, message, nominatedNode }: PodFailure,
): Promise<void> {
  const before = podCondition(pod, 'PodScheduled');
  const isKnown =
    before?.status === 'False' && before.reason === reason && before.message === message;
  const isNominated =
    nominatedNode === undefined || nominatedNode === (pod.status?.nominatedNodeName ?? '');
  if (isKnown && isNominated) return;
  const { generation } = pod.metadata ?? {};
  const why = {
    reason,
    message,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  const time = formatTime(client.clock.now());
  const status = {
    conditions: [newPodCondition({ type: 'PodScheduled', status: 'False', ...why }, before, time)],
    ...(nominatedNode === undefined ? {} : { nominatedNodeName: nominatedNode || null }),
  };
  try {
    // The uid keeps another pod of the same name from being told what is not true of it.
    const patch = { strategic: { metadata: { uid }, status } };
    await client.subresource(Pod, name, 'status', { namespace }).patch(patch, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
