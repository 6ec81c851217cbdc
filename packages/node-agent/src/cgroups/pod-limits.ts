import { podLimits, podRequests } from '@fairway/kind-rules/pods';
import { milliOf, wholeOf } from '@fairway/protocol';
import { type AnyPod, podContainers } from '../pod-lifecycle/pod-containers.ts';
import type { ContainerResources } from '../runtime/container.ts';
import { cpuQuotaOf, cpuSharesMin, cpuSharesOf, hugepageLimits } from './linux-amounts.ts';
import { qosClass } from './pod-place.ts';

/** Processes and threads of one pod: more harm the others and the machine. */
export const podPidsMax = 4_096;

/**
 * What a pod may take of the machine as a whole. It is limited where each of its containers is, or where it
 * says so itself. Source: kubelet, ResourceConfigForPod.
 */
export function podResources(pod: AnyPod): ContainerResources {
  if (qosClass(pod) === 'BestEffort') return { cpuShares: cpuSharesMin, pidsMax: podPidsMax };
  const limits = podLimits(pod);
  const bounded = (name: string): boolean =>
    pod.spec?.resources?.limits?.[name] !== undefined ||
    podContainers(pod)
      .filter(({ kind }) => kind !== 'ephemeral')
      .every(({ spec }) => wholeOf(spec.resources?.limits?.[name]) > 0);
  const cpu = milliOf(limits.get('cpu'));
  const cpuRequest = milliOf(podRequests(pod).get('cpu'));
  return {
    cpuShares: cpuSharesOf(cpuRequest === 0 ? cpu : cpuRequest),
    ...(bounded('cpu') ? cpuQuotaOf(cpu) : {}),
    ...(bounded('memory') ? { memoryBytesMax: wholeOf(limits.get('memory')) } : {}),
    hugepageBytesMax: hugepageLimits(limits, wholeOf),
    pidsMax: podPidsMax,
  };
}
