import { type Shown, accessModesText, formatAmount } from '@fairway/kind-rules/shown';
import { classNameOf } from '@fairway/kind-rules/volumes';
import {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  type VolumeNodeAffinity,
} from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';
import { describerOf, required } from '../describer.ts';
import { type Lines, field, fieldOfLines, indented, lines, section, table } from '../lines.ts';
import { annotationLines, clusterHeadLines, labelLines } from '../metadata-lines.ts';
import { type Moment, sinceText, timeText } from '../moment.ts';
import { claimSpecLines } from './claim-lines.ts';
import { persistentSourceLines } from './volume-sources.ts';

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

/** Describes a claim: what it asks for and has, and which pods use it. */
export const persistentVolumeClaim = describerOf({
  resource: PersistentVolumeClaim,
  questions: ({ metadata }) => ({
    pods: { list: Pod, namespace: metadata?.namespace ?? '' },
  }),
  describe: (claim, { pods }, moment) => {
    const { metadata, spec, status } = claim;
    const users = usersOf(claim, required(pods)).map(({ metadata: of }) => of?.name ?? '');
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Namespace', metadata?.namespace ?? ''),
      field('StorageClass', classNameOf(claim)),
      field('Status', phaseText(claim, status?.phase, moment)),
      field('Volume', spec?.volumeName ?? ''),
      labelLines('Labels', metadata?.labels),
      annotationLines(metadata?.annotations),
      field('Finalizers', `[${(metadata?.finalizers ?? []).join(' ')}]`),
      claimSpecLines(claim),
      fieldOfLines('Used By', users.sort()),
      conditionLines(claim, moment),
    );
  },
});

function phaseText(
  { metadata }: Shown<KubernetesObject>,
  phase: string | undefined,
  moment: Moment,
): string {
  if (metadata?.deletionTimestamp === undefined) return phase ?? '';
  return `Terminating (lasts ${sinceText(metadata.deletionTimestamp, moment)})`;
}

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

/** The pods that mount a claim, and those that it was made for. */
function usersOf(claim: Shown<PersistentVolumeClaim>, pods: readonly Shown<Pod>[]) {
  const owners = new Set(
    (claim.metadata?.ownerReferences ?? [])
      .filter(({ kind }) => kind === 'Pod')
      .map(({ uid }) => uid),
  );
  return pods.filter(
    ({ metadata, spec }) =>
      owners.has(metadata?.uid) ||
      (spec?.volumes ?? []).some(
        ({ persistentVolumeClaim: mounted }) => mounted?.claimName === claim.metadata?.name,
      ),
  );
}

function conditionLines({ status }: Shown<PersistentVolumeClaim>, moment: Moment): Lines {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return [];
  const rows = conditions.map((each) => [
    `${each.type ?? ''} `,
    `${each.status ?? ''} `,
    `${timeText(each.lastProbeTime, moment)} `,
    `${timeText(each.lastTransitionTime, moment)} `,
    `${each.reason ?? ''} `,
    each.message ?? '',
  ]);
  const columns = [
    'Type',
    'Status',
    ['LastProbeTime', 17],
    'LastTransitionTime',
    'Reason',
    'Message',
  ] as const;
  return section('Conditions', table(columns, rows));
}
