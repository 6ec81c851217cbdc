import type { Client } from '@fairway/client';
import { ControllerRevision } from '@fairway/kinds/apps/v1';
import {
  type DeepReadonly,
  type KubernetesObject,
  type LabelSelector,
  type ResourceDescriptor,
  equalsJson,
} from '@fairway/protocol';
import {
  type Informer,
  controllerReference,
  deleteUnlessOutdated,
  unlessOutdated,
} from '@fairway/reconcile';
import { claimObjects } from '../owned-objects/claim-objects.ts';
import { createOwned } from '../owned-objects/create-owned.ts';
import { templateHash } from './template-hash.ts';
import {
  type AnyRevision,
  type AnyTemplate,
  keptTemplate,
  planRevision,
  templatePatch,
} from './revision-history.ts';

/** An owner of pods whose template has a history. */
export interface RevisionedOwner extends KubernetesObject {
  readonly spec?: { readonly template: AnyTemplate };
  readonly status?: { readonly collisionCount?: number };
}

/** Whose history it is, and where its revisions are. */
export interface HistoryParts<Owner extends RevisionedOwner> {
  readonly client: Client;
  readonly ownerKind: ResourceDescriptor<Owner>;
  readonly owner: DeepReadonly<Owner>;
  readonly selector: LabelSelector;
  /** By `sharedInformer`. */
  readonly informer: Informer<ControllerRevision>;
  /** The label of a revision that has its hash. */
  readonly hashLabel: string;
  readonly signal: AbortSignal;
}

/** The history of an owner's template. */
export interface History {
  /** All of them, with the newest. */
  readonly revisions: readonly AnyRevision[];
  /** Keeps the template as the owner has it now. */
  readonly newest: AnyRevision;
  /** How often a name was taken by a revision of another template. */
  readonly collisionCount?: number;
}

/** Names that are tried for one revision before others have their turn. */
const namesMax = 20;
/** What of an owner's name goes into the names of its revisions. */
const ownerCharactersMax = 223;

/**
 * Takes revisions that belong to an owner, and sees to it that its template has the newest one. The cache
 * knows of it when this answers. Undefined where somebody else has changed a revision meanwhile, which
 * calls for the owner again.
 */
export async function keepHistory<Owner extends RevisionedOwner>(
  parts: HistoryParts<Owner>,
): Promise<History | undefined> {
  const { owner, ownerKind, client, informer, selector, signal } = parts;
  const claim = { client, ownerKind, owner, ownedKind: ControllerRevision, informer };
  const claimed = await claimObjects({ ...claim, selector, signal });
  const revisions = claimed.filter((revision) => keptTemplate(revision) !== undefined);
  const template = templateOf(owner);
  const { collisionCount } = owner.status ?? {};
  const counted = collisionCount === undefined ? {} : { collisionCount };
  const plan = planRevision(template, revisions);
  switch (plan.action) {
    case 'keep':
      return { revisions, newest: plan.revision, ...counted };
    case 'create':
      return createRevision(parts, revisions, plan.number);
    case 'renumber': {
      const newest = await renumber(parts, plan.revision, plan.number);
      if (newest === undefined) return undefined;
      const others = revisions.filter((revision) => revision !== plan.revision);
      return { revisions: [...others, newest], newest, ...counted };
    }
  }
}

/** Deletes revisions. The cache knows of it when this answers. */
export async function deleteRevisions<Owner extends RevisionedOwner>(
  { client, informer, signal }: HistoryParts<Owner>,
  surplus: readonly AnyRevision[],
): Promise<void> {
  for (const revision of surplus) {
    await deleteUnlessOutdated(client, ControllerRevision, revision, { signal });
    await informer.deletionReached(revision, { signal });
  }
}

async function createRevision<Owner extends RevisionedOwner>(
  parts: HistoryParts<Owner>,
  revisions: readonly AnyRevision[],
  number: number,
): Promise<History> {
  const { owner, informer, signal } = parts;
  const { name: ownerName = '', namespace = '' } = owner.metadata ?? {};
  const before = owner.status?.collisionCount;
  const first = before ?? 0;
  for (let count = first; count < first + namesMax; count++) {
    const revision = newRevision(parts, { number, collisionCount: count });
    const newest = await findOrCreate(parts, revision);
    if (newest === undefined) continue;
    await informer.reached(newest, { signal });
    const counted = before === undefined && count === 0 ? {} : { collisionCount: count };
    return { revisions: [...revisions, newest], newest, ...counted };
  }
  throw new Error(
    `${namesMax} names for a revision of ${namespace}/${ownerName} are taken: delete controllerrevisions that nobody controls`,
  );
}

/** Undefined when the name is taken by a revision of another template, or of somebody else. */
async function findOrCreate<Owner extends RevisionedOwner>(
  { client, owner, signal }: HistoryParts<Owner>,
  revision: AnyRevision,
): Promise<AnyRevision | undefined> {
  const outcome = await createOwned<ControllerRevision>(client, ControllerRevision, {
    owner: owner as KubernetesObject,
    object: revision,
    signal,
  });
  if (outcome.kind === 'taken') return undefined;
  const isOfAnother = !equalsJson(outcome.object.data, revision.data);
  return outcome.kind === 'found' && isOfAnother ? undefined : outcome.object;
}

function newRevision<Owner extends RevisionedOwner>(
  { owner, ownerKind, hashLabel }: HistoryParts<Owner>,
  { number, collisionCount }: { readonly number: number; readonly collisionCount: number },
): AnyRevision {
  const { name = '', namespace = '', annotations } = owner.metadata ?? {};
  const template = templateOf(owner);
  const data = templatePatch(template);
  const hash = templateHash(data, collisionCount);
  return {
    metadata: {
      name: `${name.slice(0, ownerCharactersMax)}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      // Among them is why the change was made, which `kubectl rollout history` shows.
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(ownerKind, owner as KubernetesObject)],
    },
    data,
    revision: number,
  };
}

async function renumber<Owner extends RevisionedOwner>(
  { client, informer, signal }: HistoryParts<Owner>,
  { metadata }: AnyRevision,
  revision: number,
): Promise<AnyRevision | undefined> {
  const { name = '', namespace = '', uid, resourceVersion } = metadata ?? {};
  const merge = { metadata: { uid, resourceVersion }, revision };
  const written = await unlessOutdated(
    client.patch(ControllerRevision, name, { merge }, { namespace, signal }),
  );
  if (written !== undefined) {
    await informer.reached(written, { signal });
  }
  return written;
}

function templateOf<Owner extends RevisionedOwner>(owner: DeepReadonly<Owner>): AnyTemplate {
  return ((owner.spec as RevisionedOwner['spec'])?.template ?? {}) as AnyTemplate;
}
