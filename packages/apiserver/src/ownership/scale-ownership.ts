import { giveWay } from '@fairway/host';
import {
  type JsonObject,
  type ManagedFieldsEntry,
  type PatchOptions,
  apiVersionOf,
} from '@fairway/protocol';
import {
  FieldSet,
  type OwnedFields,
  type Owners,
  type VersionedObject,
  applyOwners,
  fieldElement,
} from '@fairway/schema';
import type { Call } from '../calls/call.ts';
import { conflictError } from './conflict-error.ts';
import {
  type FieldManager,
  encodeManagers,
  managerKey,
  managerOfKey,
  readManagers,
} from './managed-fields.ts';
import { requireApplicable } from './require-applicable.ts';
import { resetFields, unownedFields } from './reset-fields.ts';

export interface ApplyScale {
  readonly config: JsonObject;
  /** The scale as it is, and of what kind a scale is. */
  readonly live: VersionedObject;
  readonly options: PatchOptions;
  /** Where the object that is scaled keeps how many there are to be, and who owns what of it. */
  readonly replicas: readonly string[];
  readonly managedFields: readonly ManagedFieldsEntry[];
}

export interface AppliedScale {
  readonly replicas: number;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/**
 * Applies to the scale of an object. What a scale says, its object keeps in a field of its own, and
 * so do their owners.
 *
 * Errors: a Conflict `ApiError`, and what `requireApplicable` throws.
 * Source: kube-apiserver, `ScaleHandler`.
 */
export async function applyScale(call: Call, apply: ApplyScale): Promise<AppliedScale> {
  const { config, live, options } = apply;
  requireApplicable(config, {
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    schema: live.schema,
  });
  const managers = readManagers(apply.managedFields);
  const manager: FieldManager = {
    manager: options.fieldManager ?? '',
    operation: 'Apply',
    apiVersion: live.apiVersion,
    subresource: 'scale',
  };
  const field = FieldSet.ofPaths(apply.replicas.map(fieldElement));
  const who = managerKey(manager);
  const application = { who, live, config, force: options.force === true };
  const scope = {
    reset: resetFields(call.resource, 'scale'),
    unowned: unownedFields,
    convert: async () => undefined,
    giveWay,
  };
  const before = ownersOfScale(managers.owners, field, live);
  const applied = await applyOwners(before, application, scope);
  if (applied.kind === 'conflicts') throw conflictError(applied.conflicts);
  const { spec } = applied.object as { spec?: { replicas?: number } };
  const owners = new Map<string, OwnedFields>();
  for (const [key, owned] of managers.owners) {
    const isKept = applied.owners.has(keyInScale(key, live));
    if (isKept || owned.fields.intersection(field).isEmpty) owners.set(key, owned);
    else {
      const { apiVersion, isApplied } = owned;
      owners.set(key, { fields: owned.fields.difference(field), apiVersion, isApplied });
    }
  }
  const own = { fields: field, apiVersion: apiVersionOf(call.resource), isApplied: true };
  if (applied.owners.get(who)?.fields.equals(scaleField) === true) owners.set(who, own);
  const managedFields = encodeManagers({ owners, times: managers.times });
  return { replicas: spec?.replicas ?? 0, managedFields };
}

const scaleField = FieldSet.ofPaths(['spec', 'replicas'].map(fieldElement));

/** Who owns the number of an object, as owners of its scale. */
function ownersOfScale(
  owners: Owners,
  field: FieldSet,
  { apiVersion, object }: VersionedObject,
): Owners {
  const found = new Map<string, OwnedFields>();
  for (const [key, { fields, isApplied }] of owners) {
    if (fields.intersection(field).isEmpty) continue;
    found.set(keyInScale(key, { apiVersion }), { fields: scaleField, apiVersion, isApplied });
  }
  const { spec } = object as { spec?: { replicas?: number } };
  if (found.size > 0 || spec?.replicas === undefined) return found;
  // Nobody is known to own it, so it belongs to whoever came before.
  const first = {
    manager: 'before-first-apply',
    operation: 'Update',
    subresource: 'scale',
  } as const;
  return found.set(managerKey({ ...first, apiVersion }), {
    fields: scaleField,
    apiVersion,
    isApplied: false,
  });
}

function keyInScale(key: string, { apiVersion }: { readonly apiVersion: string }): string {
  return managerKey({ ...managerOfKey(key), apiVersion });
}
