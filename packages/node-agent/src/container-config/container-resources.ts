import { milliOf, wholeOf } from '@fairway/protocol';
import { cpuQuotaOf, cpuSharesOf, hugepageLimits } from '../cgroups/linux-amounts.ts';
import { qosClass } from '../cgroups/pod-place.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { ContainerSpec } from '../pod-lifecycle/container-status.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { ContainerResources } from '../runtime/container.ts';

/** Whom the kernel ends first when memory runs out. Source: Kubernetes documentation, "Node out of memory behavior". */
const guaranteedScore = -997;
const bestEffortScore = 1_000;
/** From here on a pod counts as one that the node cannot do without. Source: system-cluster-critical. */
export const criticalPriority = 2_000_000_000;

/** What a container may take of the machine, from its requests and limits; also for one that is resized. */
export function containerResources(
  pod: AnyPod,
  container: ContainerSpec,
  { capacity }: Pick<NodeFacts, 'capacity'>,
): ContainerResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const ofPod = pod.spec?.resources?.limits ?? {};
  const request = milliOf(requests['cpu']);
  const cpuLimit = milliOf(limits['cpu'] ?? ofPod['cpu']);
  const memoryBytesMax = wholeOf(limits['memory'] ?? ofPod['memory']);
  // Of a size that the container does not name it has none.
  const noPages = hugepageLimits(Object.entries(capacity), () => 0);
  return {
    ...cpuQuotaOf(cpuLimit),
    cpuShares: cpuSharesOf(request === 0 ? milliOf(limits['cpu']) : request),
    ...(memoryBytesMax === 0 ? {} : { memoryBytesMax }),
    oomScoreAdjustment: oomScoreOf(pod, container, wholeOf(capacity['memory'])),
    hugepageBytesMax: { ...noPages, ...hugepageLimits(Object.entries(limits), wholeOf) },
  };
}

function oomScoreOf(pod: AnyPod, container: ContainerSpec, memoryBytes: number): number {
  if ((pod.spec?.priority ?? 0) >= criticalPriority) return guaranteedScore;
  const quality = qosClass(pod);
  if (quality === 'Guaranteed') return guaranteedScore;
  if (quality === 'BestEffort') return bestEffortScore;
  const containers = pod.spec?.containers ?? [];
  // A sidecar is not given up before those it serves.
  const isSidecar = pod.spec?.initContainers?.some(
    ({ name, restartPolicy }) => name === container.name && restartPolicy === 'Always',
  );
  const compared = isSidecar === true ? [container, ...containers] : [container];
  const share = shareOfContainers(pod, memoryBytes);
  return Math.min(...compared.map((each) => burstableScore(each, { memoryBytes, share })));
}

/** What the pod asks for as a whole beyond its containers, for each of these. */
function shareOfContainers({ spec }: AnyPod, memoryBytes: number): number {
  const ofPod = wholeOf(spec?.resources?.requests?.['memory']);
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].filter(
    (each) => each.restartPolicy === 'Always' || spec?.containers.includes(each) === true,
  );
  if (ofPod === 0 || all.length === 0 || memoryBytes === 0) return 0;
  const asked = all.reduce(
    (sum, { resources }) => sum + wholeOf(resources?.requests?.['memory']),
    0,
  );
  return Math.max(0, Math.floor((ofPod - asked) / all.length));
}

/** The more of the memory it asks for, the later. */
function burstableScore(
  { resources }: Pick<ContainerSpec, 'resources'>,
  { memoryBytes, share }: { readonly memoryBytes: number; readonly share: number },
): number {
  const asked = wholeOf(resources?.requests?.['memory']) + share;
  const score = 1_000 - (memoryBytes === 0 ? 0 : Math.floor((1_000 * asked) / memoryBytes));
  return Math.min(Math.max(score, 1_000 + guaranteedScore), bestEffortScore - 1);
}
