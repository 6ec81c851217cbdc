import { type Shown, accessModesText, formatAmount } from '@fairway/kind-rules/shown';
import { classNameOf } from '@fairway/kind-rules/volumes';
import { PersistentVolume, type VolumeNodeAffinity } from '@fairway/kinds/core/v1';
import { describerOf } from '../describer.ts';
import { type Lines, field, fieldOfLines, indented, lines } from '../lines.ts';
import { clusterHeadLines } from '../metadata-lines.ts';
import { phaseText } from './claim-lines.ts';
import { persistentSourceLines } from './persistent-volume-sources.ts';

/** Describes a persistent volume: whose it is, how it may be mounted, and what is behind it. */
export const persistentVolume = describerOf<PersistentVolume>({
  resource: PersistentVolume,
  describe: (volume, _, moment) => {
    const { metadata, spec = {}, status } = volume;
    const { claimRef } = spec;
    const source = persistentSourceLines(spec);
    return lines(
      clusterHeadLines(volume),
      field('Finalizers', `[${(metadata?.finalizers ?? []).join(' ')}]`),
      field('StorageClass', classNameOf(volume)),
      field('Status', phaseText(volume, status?.phase, moment)),
      field('Claim', claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : ''),
      field('Reclaim Policy', spec.persistentVolumeReclaimPolicy ?? ''),
      field('Access Modes', accessModesText(spec.accessModes)),
      spec.volumeMode && field('VolumeMode', spec.volumeMode),
      field('Capacity', formatAmount(spec.capacity?.['storage'])),
      affinityLines(spec.nodeAffinity),
      field('Message', status?.message ?? ''),
      'Source:',
      source === undefined ? indented(['<unknown>']) : indented(source, 2),
    );
  },
});

function affinityLines({ required: terms }: Shown<VolumeNodeAffinity> = {}): Lines {
  if (terms === undefined) return [field('Node Affinity', '<none>')];
  const each = (terms.nodeSelectorTerms ?? []).flatMap(({ matchExpressions = [] }, at) =>
    fieldOfLines(
      `Term ${at}`,
      matchExpressions.map(({ key = '', operator = '', values = [] }) => {
        const text = `${key} ${operator.toLowerCase()}`;
        return values.length === 0 ? text : `${text} [${values.join(', ')}]`;
      }),
    ),
  );
  return [
    field('Node Affinity', ''),
    ...indented([field('Required Terms', each.length === 0 ? '<none>' : ''), ...indented(each)]),
  ];
}
