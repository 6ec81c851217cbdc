import type { ClusterEvent } from '../snapshot/cluster-event.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeFacts } from '../snapshot/node-facts.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import type { SpreadConstraint } from '../snapshot/spread-constraints.ts';
import { hasAllTopologies, isAlike } from './alike-pods.ts';
import { defaultSelector } from './default-selector.ts';
import type { Plugin } from './plugin.ts';
import { spreadFilter } from './spread-filter.ts';
import { hostname, spreadScore } from './spread-score.ts';

/** What pods are spread by that say nothing themselves, with the selector of what owns them. */
export type DefaultConstraint = Pick<SpreadConstraint, 'topologyKey' | 'maxSkew' | 'isRequired'>;

export interface SpreadArguments {
  readonly defaults: readonly DefaultConstraint[];
  /** A node without a zone still counts as a host. */
  readonly areDefaultsLenient: boolean;
}

/** Source: Kubernetes documentation, topology spread constraints, cluster-level defaults. */
export const builtInSpread: SpreadArguments = {
  defaults: [
    { topologyKey: hostname, maxSkew: 3, isRequired: false },
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, isRequired: false },
  ],
  areDefaultsLenient: true,
};

/** Spreads pods that are alike evenly over hosts, zones or whatever labels of nodes say. */
export function podTopologySpread({ defaults, areDefaultsLenient }: SpreadArguments): Plugin {
  const required = (pod: PodFacts, snapshot: ClusterSnapshot): readonly SpreadConstraint[] =>
    constraintsOf(pod, snapshot, { defaults, isRequired: true });
  return {
    name: 'PodTopologySpread',
    filter: (pod, snapshot) => {
      const constraints = required(pod, snapshot);
      return constraints.length === 0 ? undefined : spreadFilter(constraints, pod, snapshot);
    },
    score: (pod, snapshot, nodes) => {
      const constraints = constraintsOf(pod, snapshot, { defaults, isRequired: false });
      if (constraints.length === 0) return undefined;
      const isLenient = pod.spreadConstraints.length === 0 && areDefaultsLenient;
      return spreadScore(constraints, { pod, snapshot, nodes, isLenient });
    },
    mayHelp: (event, pod, snapshot) => mayHelp(event, pod, required(pod, snapshot)),
  };
}

function constraintsOf(
  pod: PodFacts,
  snapshot: ClusterSnapshot,
  { defaults, isRequired }: Pick<SpreadArguments, 'defaults'> & { readonly isRequired: boolean },
): readonly SpreadConstraint[] {
  const isWanted = (each: DefaultConstraint): boolean => each.isRequired === isRequired;
  if (pod.spreadConstraints.length > 0) return pod.spreadConstraints.filter(isWanted);
  const wanted = defaults.filter(isWanted);
  if (wanted.length === 0) return [];
  const selector = defaultSelector(pod, snapshot.objects);
  if (selector === undefined) return [];
  const selectorKey = JSON.stringify(selector);
  return wanted.map((each) => ({
    ...each,
    domainsMin: 1,
    selector,
    selectorKey,
    honorsAffinity: true,
    honorsTaints: false,
  }));
}

function mayHelp(
  event: ClusterEvent,
  pod: PodFacts,
  constraints: readonly SpreadConstraint[],
): boolean {
  const isCounted = (other: PodFacts): boolean =>
    constraints.some((each) => isAlike(each, pod.namespace, other));
  const hasLabels = ({ labels }: NodeFacts): boolean => hasAllTopologies(labels, constraints);
  switch (event.kind) {
    case 'node added':
    case 'node deleted':
      return hasLabels(event.node.facts);
    case 'node updated': {
      const { before, node } = event;
      if (!hasLabels(before) && !hasLabels(node.facts)) return false;
      return before.labels !== node.facts.labels || before.taints !== node.facts.taints;
    }
    case 'pod placed':
    case 'pod gone':
      return isCounted(event.pod);
    case 'pod updated':
      return isCounted(event.pod) !== isCounted(event.before);
    default:
      return false;
  }
}
