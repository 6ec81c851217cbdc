import { type Client, isNotFound } from '@fairway/client';
import { newPodCondition, podCondition } from '@fairway/kind-rules/pods';
import { Pod } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import type { EventRecorder } from '@fairway/reconcile';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { Victims } from './find-victims.ts';

/** Makes pods leave for another one, and tells them why. */
export async function evictVictims(
  parts: Evicting & { readonly recorder: EventRecorder },
  pod: PodFacts,
  { node, pods }: Victims,
): Promise<void> {
  await Promise.all(
    pods.map(async (victim) => {
      if (!(await evict(parts, victim, pod.schedulerName))) return;
      parts.recorder.record(Pod, victim.pod as Pod, {
        type: 'Normal',
        reason: 'Preempted',
        message: `Preempted by pod ${pod.uid} on node ${node.name}`,
      });
    }),
  );
}

interface Evicting {
  readonly client: Client;
  readonly signal: AbortSignal;
}

/** False: the pod is gone already. */
async function evict(
  { client, signal }: Evicting,
  victim: PodFacts,
  schedulerName: string,
): Promise<boolean> {
  const { namespace, name, uid } = victim;
  const said = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
  };
  const before = podCondition(victim.pod, said.type);
  const condition = newPodCondition(said, before, formatTime(client.clock.now()));
  const patch = { strategic: { metadata: { uid }, status: { conditions: [condition] } } };
  try {
    if (!victim.isTerminating) {
      await client.subresource(Pod, name, 'status', { namespace }).patch(patch, { signal });
    }
    await client.delete(Pod, name, { namespace, preconditions: { uid }, signal });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
