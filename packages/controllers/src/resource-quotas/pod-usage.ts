import type { Pod, ScopedResourceSelectorRequirement } from '@fairway/kinds/core/v1';
import { isExtendedResource, isPodOver, podLimits, podRequests } from '@fairway/kind-rules/pods';
import { type DeepReadonly, parseTime } from '@fairway/protocol';
import { type Usage, addUsage, one } from './usage.ts';

type AnyPod = DeepReadonly<Pod>;

/** What a quota may name of pods, beside what begins with one of the prefixes. */
const ofPods: ReadonlySet<string> = new Set([
  'count/pods',
  'pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [
    name,
    `requests.${name}`,
    `limits.${name}`,
  ]),
]);

/** Whether a quota over `name` counts pods. */
export function isOfPods(name: string): boolean {
  if (ofPods.has(name)) return true;
  if (/^(requests\.)?hugepages-/.test(name)) return true;
  return name.startsWith('requests.') && isExtendedResource(name.slice('requests.'.length));
}

/** What a pod counts with. One that has ended, or should have, takes nothing of a node and counts as an object only. */
export function podUsage(pod: AnyPod, nowMs: number): Usage {
  const usage: Usage = new Map([['count/pods', one]]);
  if (isPodOver(pod) || shouldBeGone(pod, nowMs)) return usage;
  usage.set('pods', one);
  for (const [name, amount] of podRequests(pod)) {
    if (!isExtendedResource(name)) addUsage(usage, name, amount);
    addUsage(usage, `requests.${name}`, amount);
  }
  for (const [name, amount] of podLimits(pod)) addUsage(usage, `limits.${name}`, amount);
  return usage;
}

/** Its node may be lost: whoever counts on its end need not wait for it. */
function shouldBeGone({ metadata }: AnyPod, nowMs: number): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return nowMs > (parseTime(deletionTimestamp) ?? nowMs) + deletionGracePeriodSeconds * 1_000;
}

export type Scope = DeepReadonly<ScopedResourceSelectorRequirement>;

/** Whether a quota with this scope counts a pod. */
export function isInScope(pod: AnyPod, { scopeName, operator, values = [] }: Scope): boolean {
  const { spec, status } = pod;
  switch (scopeName) {
    case 'Terminating':
      return (spec?.activeDeadlineSeconds ?? -1) >= 0;
    case 'NotTerminating':
      return (spec?.activeDeadlineSeconds ?? -1) < 0;
    case 'BestEffort':
      return status?.qosClass === 'BestEffort';
    case 'NotBestEffort':
      return status?.qosClass !== 'BestEffort';
    case 'PriorityClass':
      return isNameMeant(spec?.priorityClassName ?? '', operator, values);
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

/** As a label selector over one label, which is there unless the name is empty. */
export function isNameMeant(
  name: string,
  operator: Scope['operator'],
  values: readonly string[],
): boolean {
  switch (operator) {
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    case 'In':
      return name !== '' && values.includes(name);
    case 'NotIn':
      return name === '' || !values.includes(name);
  }
}

function reachesOtherNamespaces({ spec }: AnyPod): boolean {
  const { podAffinity = {}, podAntiAffinity = {} } = spec?.affinity ?? {};
  const terms = [podAffinity, podAntiAffinity].flatMap(
    ({
      requiredDuringSchedulingIgnoredDuringExecution: required = [],
      preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
    }) => [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)],
  );
  return terms.some(
    ({ namespaces = [], namespaceSelector }) =>
      namespaces.length > 0 || namespaceSelector !== undefined,
  );
}
