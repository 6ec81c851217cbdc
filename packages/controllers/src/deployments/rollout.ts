import type { Deployment, ReplicaSet } from '@fairway/kinds/apps/v1';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';
import { type DeepReadonly, type JsonValue, equalsJson } from '@fairway/protocol';
import { oldestFirst } from '../oldest-first.ts';
import { revisionOf } from './revisions.ts';

/** A ReplicaSet as a controller holds it. */
export type HeldSet = DeepReadonly<ReplicaSet>;

/** The label that tells the pods of one template from those of another. */
export const templateHashLabel = 'pod-template-hash';

/** A Deployment and its replica sets. */
export interface Rollout {
  readonly deployment: DeepReadonly<Deployment>;
  /** Of the template that the Deployment has now; absent until it is made. */
  readonly current: HeldSet | undefined;
  /** Of other templates, the oldest first. */
  readonly old: readonly HeldSet[];
}

/** Sorts the replica sets of a Deployment. Of several with its template, the oldest is the current one. */
export function rolloutOf(deployment: DeepReadonly<Deployment>, sets: readonly HeldSet[]): Rollout {
  const byAge = [...sets].sort(oldestFirst);
  const template = deployment.spec?.template;
  const current = byAge.find((set) => isSameTemplate(set.spec?.template, template));
  return { deployment, current, old: byAge.filter((set) => set !== current) };
}

/** All its replica sets, the current one last. */
export function setsOf({ current, old }: Rollout): readonly HeldSet[] {
  return current === undefined ? old : [...old, current];
}

/**
 * Old replica sets that the history has no room for, the earliest revision first. One that still has pods,
 * or of which its controller has not told lately, stays.
 */
export function supersededSets({ deployment, old }: Rollout): readonly HeldSet[] {
  const limit = deployment.spec?.revisionHistoryLimit;
  if (limit === undefined) return [];
  const kept = old.filter((set) => set.metadata?.deletionTimestamp === undefined);
  const surplus = kept.length - limit;
  if (surplus <= 0) return [];
  return [...kept]
    .sort((one, other) => revisionOf(one) - revisionOf(other))
    .slice(0, surplus)
    .filter(
      (set) =>
        sizeOf(set) === 0 &&
        (set.status?.replicas ?? 0) === 0 &&
        (set.status?.observedGeneration ?? 0) >= (set.metadata?.generation ?? 0),
    );
}

/** How many pods a replica set is told to have. */
export function sizeOf(set: HeldSet | undefined): number {
  return set?.spec?.replicas ?? 0;
}

export function sumOf(sets: readonly HeldSet[], count: (set: HeldSet) => number): number {
  return sets.reduce((sum, set) => sum + count(set), 0);
}

/** Equal but for the label that a Deployment adds for its replica set. */
export function isSameTemplate(
  one: DeepReadonly<PodTemplateSpec> | undefined,
  other: DeepReadonly<PodTemplateSpec> | undefined,
): boolean {
  return equalsJson(withoutHash(one) as JsonValue, withoutHash(other) as JsonValue);
}

function withoutHash(template: DeepReadonly<PodTemplateSpec> | undefined): object {
  const { [templateHashLabel]: _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}
