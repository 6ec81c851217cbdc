import { giveWay } from '@fairway/host';
import {
  type JsonObject,
  type KubernetesObject,
  type PatchOptions,
  apiVersionOf,
  formatTime,
} from '@fairway/protocol';
import {
  type Applied,
  type FieldConflict,
  WriteChanges,
  applyOwners,
  updateOwners,
  zeroObject,
} from '@fairway/schema';
import type { Call, ShowParts } from '../calls/call.ts';
import { withoutManagedFields } from '../content/incoming-object.ts';
import { allowedByLastApplied, refreshLastApplied } from './last-applied.ts';
import { type Managers, encodeManagers, managerKey, readManagers } from './managed-fields.ts';
import { conflictError } from './conflict-error.ts';
import { requireApplicable } from './require-applicable.ts';
import { type VersionParts, versioned, writeScope } from './write-scope.ts';

export interface Apply {
  /** What the caller wants of the object. */
  readonly config: JsonObject;
  /** Absent: there is no such object yet. */
  readonly stored?: KubernetesObject;
  readonly options: PatchOptions;
}

type ApplyCall = Call<ShowParts & VersionParts>;

/**
 * Applies what a caller wants to an object, and says who owns what of it then.
 *
 * Errors: an `ApiError`: Conflict that names each field that somebody else owns, BadRequest for a
 * configuration of another kind, one with code 500 (as in Kubernetes) for one that does not fit the
 * schema.
 * Source: Kubernetes, "Server-Side Apply"; kube-apiserver, `FieldManager.Apply`.
 */
export async function applyConfig(call: ApplyCall, apply: Apply): Promise<KubernetesObject> {
  const { config, stored, options } = apply;
  requireApplicable(config, call.resource);
  await giveWay();
  const managers = await managersBefore(call, stored);
  const manager = options.fieldManager ?? '';
  const key = managerKey({
    manager,
    operation: 'Apply',
    apiVersion: apiVersionOf(call.resource),
    subresource: call.target.subresource,
  });
  const applied = await tryApply(call, apply, { managers, key });
  if (applied.kind === 'conflicts') throw conflictError(applied.conflicts);
  const { isUnchanged, owners } = applied;
  const now = formatTime(call.parts.clock.now());
  await giveWay();
  const times = isUnchanged ? managers.times : new Map(managers.times).set(key, now);
  const entries = encodeManagers({ owners, times });
  const object = (
    isUnchanged ? withoutManagedFields(stored ?? {}) : applied.object
  ) as KubernetesObject;
  const { metadata } = object;
  const owned = { ...metadata, ...(entries.length === 0 ? {} : { managedFields: entries }) };
  const made = { ...object, metadata: owned };
  return manager === 'kubectl' ? refreshLastApplied(made, config) : made;
}

/**
 * Who owns what before. Where nobody is known to, all that is there belongs to whoever came before
 * the first apply.
 */
async function managersBefore(
  call: ApplyCall,
  stored: KubernetesObject | undefined,
): Promise<Managers> {
  const none: Managers = { owners: new Map(), times: new Map() };
  if (stored === undefined) return none;
  const managers = readManagers(stored.metadata?.managedFields ?? []);
  if (managers.owners.size > 0) return managers;
  const { resource, target } = call;
  const apiVersion = apiVersionOf(resource);
  const after = versioned(call, stored);
  const start = resource.isBuiltIn ? zeroObject(resource.schema) : {};
  const scope = writeScope(call);
  const changes = new WriteChanges({ ...after, object: start }, after, scope);
  const key = managerKey({
    manager: 'before-first-apply',
    operation: 'Update',
    apiVersion,
    subresource: target.subresource,
  });
  const { owners } = await updateOwners(new Map(), changes, { ...scope, owner: key });
  return { owners, times: new Map([[key, formatTime(call.parts.clock.now())]]) };
}

/** What kubectl had applied before it applied in the server counts as its own. */
async function tryApply(
  call: ApplyCall,
  { config, stored, options }: Apply,
  { managers, key }: { readonly managers: Managers; readonly key: string },
): Promise<Applied> {
  const { resource } = call;
  const { kind, plural: _, ...rest } = resource;
  const live = versioned(call, stored ?? { kind, apiVersion: apiVersionOf(rest) });
  const scope = writeScope(call);
  const application = { owner: key, live, config };
  const force = options.force === true;
  const applied = await applyOwners(managers.owners, { ...application, force }, scope);
  if (applied.kind === 'applied' || options.fieldManager !== 'kubectl') return applied;
  const allowed = allowedByLastApplied(live);
  const left = allowed === undefined ? applied.conflicts : refused(applied.conflicts, allowed);
  if (left.length > 0) return { kind: 'conflicts', conflicts: left };
  return applyOwners(managers.owners, { ...application, force: true }, scope);
}

function refused(
  conflicts: readonly FieldConflict[],
  allowed: NonNullable<ReturnType<typeof allowedByLastApplied>>,
): readonly FieldConflict[] {
  return conflicts.filter(({ path }) => {
    let set = allowed;
    for (const element of path) set = set.child(element);
    return !set.isMember;
  });
}
