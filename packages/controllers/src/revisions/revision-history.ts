import type { ControllerRevision } from '@fairway/kinds/apps/v1';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';
import { type DeepReadonly, equalsJson, isJsonObject } from '@fairway/protocol';
import { oldestFirst } from '../oldest-first.ts';

export type AnyRevision = DeepReadonly<ControllerRevision>;
export type AnyTemplate = DeepReadonly<PodTemplateSpec>;

/**
 * What a revision keeps of an owner: the strategic merge patch that puts its template back, as
 * `kubectl rollout undo` sends it.
 */
export function templatePatch(template: AnyTemplate): NonNullable<ControllerRevision['data']> {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** The template that a revision keeps; undefined in one that somebody made without any. */
export function keptTemplate({ data }: AnyRevision): AnyTemplate | undefined {
  const spec = data?.['spec'];
  const template = isJsonObject(spec) ? spec['template'] : undefined;
  if (!isJsonObject(template)) return undefined;
  const { $patch: _, ...kept } = template;
  return kept;
}

/** The oldest first. */
export function inRevisionOrder(revisions: readonly AnyRevision[]): readonly AnyRevision[] {
  return revisions.toSorted(
    (one, other) => one.revision - other.revision || oldestFirst(one, other),
  );
}

/** What gives a template the newest revision. */
export type RevisionPlan =
  | { readonly action: 'keep'; readonly revision: AnyRevision }
  /** The template was there before: its revision becomes the newest. */
  | { readonly action: 'renumber'; readonly revision: AnyRevision; readonly number: number }
  | { readonly action: 'create'; readonly number: number };

/** Source: kubernetes.io, StatefulSet, "Revision history". */
export function planRevision(
  template: AnyTemplate,
  revisions: readonly AnyRevision[],
): RevisionPlan {
  const ordered = inRevisionOrder(revisions);
  const newest = ordered.at(-1);
  const patch = templatePatch(template);
  const alike = ordered.findLast(({ data }) => equalsJson(data, patch));
  const number = (newest?.revision ?? 0) + 1;
  if (alike === undefined) return { action: 'create', number };
  if (alike === newest) return { action: 'keep', revision: alike };
  return { action: 'renumber', revision: alike, number };
}

/** Of the revisions that nobody uses, those beyond the limit, oldest first. */
export function surplusRevisions(
  revisions: readonly AnyRevision[],
  {
    isUsed,
    limit,
  }: { readonly isUsed: (revision: AnyRevision) => boolean; readonly limit: number },
): readonly AnyRevision[] {
  const unused = inRevisionOrder(revisions).filter((revision) => !isUsed(revision));
  return unused.slice(0, Math.max(0, unused.length - limit));
}
