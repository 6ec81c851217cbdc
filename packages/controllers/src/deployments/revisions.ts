import type { Deployment, ReplicaSet } from '@fairway/kinds/apps/v1';
import { type DeepReadonly, type KubernetesObject, annotationsOf } from '@fairway/protocol';

/** The annotations by which a Deployment keeps its history on its replica sets. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const earlierRevisions = 'deployment.kubernetes.io/revision-history';
const desiredReplicas = 'deployment.kubernetes.io/desired-replicas';
const maxReplicas = 'deployment.kubernetes.io/max-replicas';

/** Of a Deployment, these say nothing about its replica sets. */
const ownAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  earlierRevisions,
  desiredReplicas,
  maxReplicas,
  'deprecated.deployment.rollback.to',
]);

/** Characters of the list of earlier revisions; the oldest are left out. */
const earlierCharactersMax = 2_000;

/** The revision that an object is of; 0 when it has none. */
export function revisionOf(object: DeepReadonly<KubernetesObject>): number {
  const revision = Number(annotationsOf(object)[revisionAnnotation] ?? 0);
  return Number.isSafeInteger(revision) ? revision : 0;
}

/** The annotations of the replica set that is current: those of the Deployment, and its revision. */
export function currentAnnotations(
  deployment: DeepReadonly<Deployment>,
  { set, revision }: { readonly set?: DeepReadonly<ReplicaSet>; readonly revision: number },
): Readonly<Record<string, string>> {
  const before = set === undefined ? {} : annotationsOf(set);
  const copied = Object.entries(annotationsOf(deployment)).filter(
    ([name]) => !ownAnnotations.has(name),
  );
  const annotations = { ...before, ...Object.fromEntries(copied) };
  const beforeRevision = set === undefined ? 0 : revisionOf(set);
  if (beforeRevision >= revision) return annotations;
  const numbered = { ...annotations, [revisionAnnotation]: String(revision) };
  if (beforeRevision === 0) return numbered;
  return {
    ...numbered,
    [earlierRevisions]: withRevision(before[earlierRevisions], beforeRevision),
  };
}

function withRevision(list: string | undefined, revision: number): string {
  const revisions = list === undefined || list === '' ? [] : list.split(',');
  const kept = [...revisions, String(revision)];
  while (kept.length > 1 && kept.join(',').length > earlierCharactersMax) kept.shift();
  return kept.join(',');
}

/** How many pods a Deployment had and could have when its replica set was last scaled. */
export interface SizeNotes {
  readonly desired: number;
  readonly max: number;
}

/** The annotations by which a later scaling knows what share a replica set had. */
export function sizeAnnotations({ desired, max }: SizeNotes): Readonly<Record<string, string>> {
  return { [desiredReplicas]: String(desired), [maxReplicas]: String(max) };
}

/** What they say; undefined for what is missing or no number. */
export function readSizeNotes(set: DeepReadonly<ReplicaSet>): {
  readonly desired: number | undefined;
  readonly max: number | undefined;
} {
  const annotations = annotationsOf(set);
  return {
    desired: numberIn(annotations[desiredReplicas]),
    max: numberIn(annotations[maxReplicas]),
  };
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^-?[0-9]+$/.test(text) ? Number(text) : undefined;
}
