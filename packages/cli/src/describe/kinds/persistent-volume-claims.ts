import type { Shown } from '@fairway/kind-rules/shown';
import { classNameOf } from '@fairway/kind-rules/volumes';
import { PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import { describerOf, required } from '../describer.ts';
import { type Lines, field, fieldOfLines, lines, section, table } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
import { type Moment, timeText } from '../moment.ts';
import { claimSpecLines, phaseText } from './claim-lines.ts';

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
