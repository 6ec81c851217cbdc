import type { PodFacts } from '../snapshot/pod-facts.ts';
import { type Plugin, passing } from './plugin.ts';

const refusal = passing(
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
);

/** Lets one pod at a time have a claim that is for one pod. */
export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  filter: (pod, snapshot) => {
    const exclusive = new Set(
      pod.claims.flatMap(({ key }) => {
        const modes = snapshot.objects.claims.get(key)?.spec?.accessModes ?? [];
        return modes.includes('ReadWriteOncePod') ? [key] : [];
      }),
    );
    if (exclusive.size === 0) return undefined;
    const mountsOf = (other: PodFacts): number =>
      other.claims.filter(({ key }) => exclusive.has(key)).length;
    let mounts = 0;
    for (const node of snapshot.nodes) for (const key of exclusive) mounts += node.mountsOf(key);
    return {
      check: () => (mounts > 0 ? refusal : undefined),
      adjust: (other, _, times) => (mounts += times * mountsOf(other)),
    };
  },
  mayHelp: (event, pod) => {
    if (event.kind === 'storage changed') return event.of === 'claim';
    if (event.kind !== 'pod gone') return false;
    const left = new Set(event.pod.claims.map(({ key }) => key));
    return pod.claims.some(({ key }) => left.has(key));
  },
};
