import { matchesNodeAffinity, matchesNodeSelectorTerm } from '@fairway/kind-rules/pods';
import type { NodeSelectorTerm } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import { highestIsBest } from './normalize-scores.ts';
import { type Plugin, lasting, refusePod } from './plugin.ts';

const refusal = lasting("node(s) didn't match Pod's node affinity/selector");

/** Puts pods on nodes that they select, and rather on those that they prefer. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  filter: (pod) => {
    const { spec } = pod;
    if (spec.nodeSelector === undefined && requiredTerms(pod) === undefined) return undefined;
    const nodeNames = namesOf(requiredTerms(pod));
    if (nodeNames?.size === 0) return refusePod('pod affinity terms conflict');
    return {
      check: ({ facts }) => (matchesNodeAffinity(spec, facts) ? undefined : refusal),
      ...(nodeNames === undefined ? {} : { nodeNames }),
    };
  },
  score: ({ spec }) => {
    const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (preferred === undefined || preferred.length === 0) return undefined;
    return {
      score: ({ facts }) => {
        let sum = 0;
        for (const { weight, preference } of preferred) {
          if (matchesNodeSelectorTerm(preference, facts)) sum += weight;
        }
        return sum;
      },
      normalize: highestIsBest,
    };
  },
  mayHelp: (event, { spec }) => {
    if (event.kind === 'node added') return matchesNodeAffinity(spec, event.node.facts);
    if (event.kind !== 'node updated') return false;
    return !matchesNodeAffinity(spec, event.before) && matchesNodeAffinity(spec, event.node.facts);
  },
};

type Terms = readonly DeepReadonly<NodeSelectorTerm>[];

function requiredTerms({ spec }: PodFacts): Terms | undefined {
  return spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    ?.nodeSelectorTerms;
}

/** The nodes that terms name, when each names some, as those of daemon sets do. */
function namesOf(terms: Terms = []): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(
      ({ key, operator }) => key === 'metadata.name' && operator === 'In',
    );
    const [first, ...others] = named;
    if (first === undefined) return undefined;
    for (const name of first.values ?? []) {
      if (others.every(({ values = [] }) => values.includes(name))) names.add(name);
    }
  }
  return terms.length === 0 ? undefined : names;
}
