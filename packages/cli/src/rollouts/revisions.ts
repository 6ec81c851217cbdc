import type { Client, DynamicObject } from '@fairway/client';
import type { ControllerRevision, ReplicaSet } from '@fairway/kinds/apps/v1';
import type { PodTemplateSpec } from '@fairway/kinds/core/v1';
import { selectorText } from '@fairway/kind-rules/shown';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';

/** What a workload was once, or is. */
export interface Revision {
  readonly number: number;
  /** What somebody wrote about the change, in an annotation. */
  readonly changeCause: string | undefined;
  readonly template: PodTemplateSpec;
  /** The workload as it was; of a Deployment the ReplicaSet. */
  readonly object: DynamicObject;
  /** A strategic patch that leads back to it. Undefined for a Deployment. */
  readonly patch: unknown;
  /** Of the object that keeps the revision. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a workload is, as far as its revisions go. */
interface Workload extends DynamicObject {
  readonly spec?: { readonly selector?: object; readonly template?: PodTemplateSpec };
}

/** By this somebody says why there is a revision. */
export const causeAnnotation = 'kubernetes.io/change-cause';
/** By this a deployment numbers its replica sets. */
const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** True for the kinds that keep revisions. */
export function hasRevisions({ resource }: SelectedObject): boolean {
  return (
    resource.group === 'apps' && ['Deployment', 'DaemonSet', 'StatefulSet'].includes(resource.kind)
  );
}

/** The revisions of a workload that the cluster still has, oldest first. Errors: `ApiError`. */
export async function fetchRevisions(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  selected: SelectedObject,
  object: DynamicObject,
): Promise<readonly Revision[]> {
  const { ReplicaSet, ControllerRevision } = await import('@fairway/kinds/apps/v1');
  const workload = object as Workload;
  const selector = selectorText(workload.spec?.selector, '');
  const where = { ...placeOf(selected), labelSelector: selector, signal };
  const revisions =
    selected.resource.kind === 'Deployment'
      ? (await client.list(ReplicaSet, where).all()).items
          .filter(ownedBy(workload))
          .map(ofReplicaSet)
      : (await client.list(ControllerRevision, where).all()).items
          .filter(ownedBy(workload))
          .map((kept) => ofControllerRevision(workload, kept));
  return revisions
    .filter(({ number }) => number > 0)
    .sort((left, right) => left.number - right.number);
}

function ownedBy({ metadata: { uid } = {} }: Workload): (each: DynamicMetadata) => boolean {
  return ({ metadata }) =>
    metadata?.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) ===
    true;
}

type DynamicMetadata = Pick<DynamicObject, 'metadata'>;

function ofReplicaSet(set: ReplicaSet): Revision {
  const annotations = set.metadata?.annotations ?? {};
  return {
    number: Number(annotations[revisionAnnotation] ?? 0),
    changeCause: annotations[causeAnnotation],
    template: set.spec?.template ?? {},
    object: { apiVersion: 'apps/v1', kind: 'ReplicaSet', ...set } as unknown as DynamicObject,
    patch: undefined,
    annotations,
  };
}

function ofControllerRevision(workload: Workload, kept: ControllerRevision): Revision {
  const data = kept.data as { readonly spec?: { readonly template?: PodTemplateSpec } } | undefined;
  // What a patch says to put in place of all there is is no part of the template.
  const { $patch: _, ...template } = { $patch: '', ...data?.spec?.template };
  const annotations = kept.metadata?.annotations ?? {};
  return {
    number: kept.revision,
    changeCause: annotations[causeAnnotation],
    template,
    object: { ...workload, spec: { ...workload.spec, template } },
    patch: data,
    annotations,
  };
}
