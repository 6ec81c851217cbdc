import type { Shown } from '@fairway/kind-rules/shown';
import { watchedConditionLines } from './condition-lines.ts';
import { classNameOf } from '@fairway/kind-rules/volumes';
import { PersistentVolumeClaim, Pod } from '@fairway/kinds/core/v1';
import { describerOf, required } from '../describer.ts';
import { field, fieldOfLines, lines } from '../lines.ts';
import { annotationLines, labelLines } from '../metadata-lines.ts';
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
      watchedConditionLines(claim.status?.conditions, { looked: 'lastProbeTime', moment }),
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
