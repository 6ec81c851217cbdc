import { labelsOf } from '@fairway/protocol';
import { regionLabels, zoneLabels } from '../snapshot/node-facts.ts';
import { isBound } from './claim-state.ts';
import { type Plugin, lasting } from './plugin.ts';

const refusal = lasting('node(s) had no available volume zone');
const topologyLabels = [...zoneLabels, ...regionLabels];

/** Keeps pods in the zones of their volumes, where only labels of the volumes tell them. */
export const volumeZone: Plugin = {
  name: 'VolumeZone',
  filter: ({ claims }, { objects }) => {
    const wanted = claims.flatMap(({ key }) => {
      const claim = objects.claims.get(key);
      if (claim === undefined || !isBound(claim)) return [];
      const labels = labelsOf(objects.volumes.get(claim.spec?.volumeName ?? '') ?? {});
      return topologyLabels.flatMap((label) => {
        const value = labels[label];
        // Several zones are written into one value.
        return value === undefined ? [] : [{ label, values: value.split('__') }];
      });
    });
    if (wanted.length === 0) return undefined;
    return {
      check: ({ facts }) => {
        // A node without zones is in a cluster that has none.
        if (topologyLabels.every((label) => facts.labels[label] === undefined)) return undefined;
        const isThere = wanted.every(({ label, values }) =>
          values.includes(zoneOf(facts.labels, label) ?? ''),
        );
        return isThere ? undefined : refusal;
      },
    };
  },
  mayHelp: (event) =>
    event.kind === 'node added' ||
    (event.kind === 'node updated' && event.before.labels !== event.node.facts.labels) ||
    event.kind === 'storage changed',
};

/** The value of a label of a node, under its name of today or of yesterday. */
function zoneOf(labels: Readonly<Record<string, string>>, label: string): string | undefined {
  const names = zoneLabels.includes(label) ? zoneLabels : regionLabels;
  return labels[label] ?? names.map((name) => labels[name]).find((value) => value !== undefined);
}
