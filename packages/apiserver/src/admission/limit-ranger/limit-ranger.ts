import { joinErrors } from '@fairway/access';
import type {
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
} from '@fairway/kinds/core/v1';
import { podLimits, podRequests, writtenAmounts } from '@fairway/kind-rules/pods';
import { forbidden, type KubernetesObject, type ObjectDraft } from '@fairway/protocol';
import type { AdmissionPlugin, AdmissionRequest } from '../admission-plugin.ts';
import type { NamespaceLimits } from '../namespace-limits.ts';
import { type Amounts, amountViolations, requestViolations } from './amount-limits.ts';
import { applyContainerDefaults } from './container-defaults.ts';

/**
 * Gives containers the requests and limits that the limit ranges of their namespace have for those without,
 * and refuses pods and claims that want less or more than is allowed there. What an update leaves as it
 * was is not judged again.
 *
 * Source: Kubernetes admission, LimitRanger; "Limit Ranges".
 */
export function limitRanger(limits: NamespaceLimits): AdmissionPlugin<Pod | PersistentVolumeClaim> {
  // The older one fills in first; in a kube-apiserver the order is left to chance.
  const rangesFor = (request: AdmissionRequest): readonly LimitRange[] =>
    isJudged(request) ? limits.limitRangesOf(request.namespace) : [];
  return {
    name: 'LimitRanger',
    operations: ['CREATE', 'UPDATE'],
    resources: ['/pods', '/pods/resize', '/persistentvolumeclaims'],
    admit(request) {
      if (request.resource.plural !== 'pods' || request.draft === undefined) return undefined;
      const pod = request.draft as ObjectDraft<Pod>;
      for (const range of rangesFor(request)) applyContainerDefaults(pod, range);
      return undefined;
    },
    validate(request) {
      const { object, stored, resource, name } = request;
      if (object === undefined) return undefined;
      for (const { spec } of rangesFor(request)) {
        const limits = spec?.limits ?? [];
        const violations =
          resource.plural === 'pods'
            ? podViolations(limits, object as Pod, stored as Pod | undefined)
            : claimViolations(limits, object as PersistentVolumeClaim, stored);
        if (violations.length > 0) throw forbidden({ ...resource, name }, joinErrors(violations));
      }
      return undefined;
    },
  };
}

/** The containers of a pod change by a resize only; what goes away may be as it is. */
function isJudged({ operation, resource, subresource, stored }: AdmissionRequest): boolean {
  if (operation === 'CREATE') return true;
  if (stored?.metadata?.deletionTimestamp !== undefined) return false;
  return resource.plural !== 'pods' || subresource === 'resize';
}

function podViolations(
  limits: readonly LimitRangeItem[],
  pod: Pod,
  stored: Pod | undefined,
): readonly string[] {
  return limits.flatMap((item) => {
    if (item.type === 'Container') {
      return (['containers', 'initContainers'] as const).flatMap((list) =>
        (pod.spec?.[list] ?? []).flatMap((container) => {
          const before = stored?.spec?.[list]?.find(({ name }) => name === container.name);
          return amountViolations(item, amountsOf(container), before && amountsOf(before));
        }),
      );
    }
    if (item.type !== 'Pod') return [];
    return amountViolations(item, amountsOfPod(pod), stored && amountsOfPod(stored));
  });
}

function amountsOf({ resources }: NonNullable<Pod['spec']>['containers'][number]): Amounts {
  return {
    requests: writtenAmounts(resources?.requests),
    limits: writtenAmounts(resources?.limits),
  };
}

/** As it is written: neither what its class adds counts, nor what a node has given it. */
function amountsOfPod({ spec }: Pod): Amounts {
  if (spec === undefined) return { requests: new Map(), limits: new Map() };
  const { overhead: _, ...written } = spec;
  return { requests: podRequests({ spec: written }), limits: podLimits({ spec: written }) };
}

function claimViolations(
  limits: readonly LimitRangeItem[],
  claim: PersistentVolumeClaim,
  stored: KubernetesObject | undefined,
): readonly string[] {
  const requestsOf = ({ spec }: PersistentVolumeClaim): Amounts['requests'] =>
    writtenAmounts(spec?.resources?.requests);
  const before = stored === undefined ? undefined : requestsOf(stored);
  return limits
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => requestViolations(item, requestsOf(claim), before));
}
