import { repellingEffects, tolerates, untoleratedTaint } from '@fairway/kind-rules/pods';
import type { NodeFacts } from '../snapshot/node-facts.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';
import { highestIsWorst } from './normalize-scores.ts';
import { type NodeScore, type Plugin, lasting } from './plugin.ts';

const refusal = lasting('node(s) had untolerated taint(s)');

/** Keeps pods off nodes with taints that they do not tolerate, and rather off those with soft ones. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter: (pod) => ({
    check: ({ facts }) => (isRepelled(pod, facts) ? refusal : undefined),
  }),
  score: ({ tolerations }, _, nodes): NodeScore | undefined => {
    const soft = tolerations.filter(
      ({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule',
    );
    const countOf = ({ taints }: NodeFacts): number => {
      let count = 0;
      for (const taint of taints) {
        if (taint.effect !== 'PreferNoSchedule') continue;
        if (!soft.some((toleration) => tolerates(toleration, taint))) count++;
      }
      return count;
    };
    if (nodes.every(({ facts }) => facts.taints.length === 0)) return undefined;
    return { score: ({ facts }) => countOf(facts), normalize: highestIsWorst };
  },
  mayHelp: (event, pod) => {
    if (event.kind === 'node added') return !isRepelled(pod, event.node.facts);
    if (event.kind !== 'node updated') return false;
    return isRepelled(pod, event.before) && !isRepelled(pod, event.node.facts);
  },
};

function isRepelled({ tolerations }: PodFacts, { taints }: NodeFacts): boolean {
  if (taints.length === 0) return false;
  return untoleratedTaint(taints, tolerations, repellingEffects) !== undefined;
}
