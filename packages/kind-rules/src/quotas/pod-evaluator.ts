import type { Container, Pod } from '@fairway/kinds/core/v1';
import { type DeepReadonly, parseTime } from '@fairway/protocol';
import { podLimits, podRequests } from '../pods/pod-requests.ts';
import { isPodOver } from '../pods/pod-state.ts';
import { qosClassOf } from '../pods/qos-class.ts';
import { isExtendedResource } from '../pods/resource-names.ts';
import { type Evaluator, type Scope, isNameMeant } from './evaluator.ts';
import { type Usage, addUsage, one } from './usage.ts';

type AnyPod = DeepReadonly<Pod>;

/** Pods count with what they ask for as long as they run. */
export const podEvaluator: Evaluator<AnyPod> = {
  isOf: isOfPods,
  usage: podUsage,
  isInScope,
  unsaid: unsaidAmounts,
};

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
function isOfPods(name: string): boolean {
  if (ofPods.has(name)) return true;
  if (/^(requests\.)?hugepages-/.test(name)) return true;
  return name.startsWith('requests.') && isExtendedResource(name.slice('requests.'.length));
}

/** What a pod counts with. One that has ended, or should have, takes nothing of a node and counts as an object only. */
function podUsage(pod: AnyPod, nowMs: number): Usage {
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

/** Whether a quota with this scope counts a pod. */
function isInScope(pod: AnyPod, scope: Scope): boolean {
  const { spec } = pod;
  switch (scope.scopeName) {
    case 'Terminating':
      return (spec?.activeDeadlineSeconds ?? -1) >= 0;
    case 'NotTerminating':
      return (spec?.activeDeadlineSeconds ?? -1) < 0;
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return isNameMeant(spec?.priorityClassName ?? '', scope);
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod);
    default:
      return false;
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

/** Admission comes before the status says it. */
function isBestEffort({ spec, status }: AnyPod): boolean {
  return (status?.qosClass ?? qosClassOf(spec ?? {})) === 'BestEffort';
}

/** What every container must say, unless the pod does. */
const said = ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]);

/** A quota over processors or memory means nothing where containers do not say what they need. */
function unsaidAmounts({ spec }: AnyPod, names: readonly string[]): readonly string[] {
  const wanted = said.filter((name) => names.includes(name) && !isSaid(spec ?? {}, name));
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return wanted.toSorted().flatMap((name) => {
    const silent = containers.filter((container) => !isSaid(container, name));
    const ofThem = [...new Set(silent.map((container) => container.name))].toSorted();
    return ofThem.length === 0 ? [] : [`${name} for: ${ofThem.join(',')}`];
  });
}

function isSaid(
  { resources }: { readonly resources?: DeepReadonly<Container>['resources'] },
  name: string,
): boolean {
  const [plain = '', list] = name.split('.').toReversed();
  const amounts = list === 'limits' ? resources?.limits : resources?.requests;
  return amounts?.[plain] !== undefined;
}
