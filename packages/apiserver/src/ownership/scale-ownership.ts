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
 */
export async function applyScale(call: Call, apply: ApplyScale): Promise<AppliedScale> {
  const { config, live, options } = apply;
  const kind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
  requireApplicable(config, { ...kind, schema: live.schema });
  const { owners, times } = readManagers(apply.managedFields);
  const number = new ScaledNumber(apply, apiVersionOf(call.resource));
  const manager = { manager: options.fieldManager ?? '', operation: 'Apply' } as const;
  const owner = number.keyOf(manager);
  const scope = {
    reset: resetFields(call.resource, 'scale'),
    unowned: unownedFields,
    convert: async () => undefined,
    giveWay,
  };
  const application = { owner, live, config, force: options.force === true };
  const applied = await applyOwners(number.inScale(owners), application, scope);
  if (applied.kind === 'conflicts') throw conflictError(applied.conflicts);
  const { spec } = applied.object as ScaleObject;
  const left = number.inObject(owners, applied.owners, owner);
  return { replicas: spec?.replicas ?? 0, managedFields: encodeManagers({ owners: left, times }) };
}

interface ScaleObject {
  readonly spec?: { readonly replicas?: number };
}

const numberInScale = FieldSet.ofPaths(['spec', 'replicas'].map(fieldElement));

/**
 * How many there are to be: one number that an object and its scale each have in a field of their own, so that who owns
 * the one owns the other.
 *
 * Source: kube-apiserver, `ScaleHandler`.
 */
class ScaledNumber {
  readonly #live: VersionedObject;
  /** Of the object that is scaled. */
  readonly #apiVersion: string;
  readonly #field: FieldSet;

  constructor({ live, replicas }: Pick<ApplyScale, 'live' | 'replicas'>, apiVersion: string) {
    this.#live = live;
    this.#apiVersion = apiVersion;
    this.#field = FieldSet.ofPaths(replicas.map(fieldElement));
  }

  /** What an owner of the scale is called. */
  keyOf(manager: Pick<FieldManager, 'manager' | 'operation'>): string {
    return managerKey({ subresource: 'scale', ...manager, apiVersion: this.#live.apiVersion });
  }

  /** The owners of an object's number as owners of the scale's; whoever came before, where there are none. */
  inScale(owners: Owners): Owners {
    const { apiVersion, object } = this.#live;
    const found = new Map<string, OwnedFields>();
    for (const [key, owned] of owners) {
      if (!this.#isOwnedBy(owned)) continue;
      const { isApplied } = owned;
      found.set(this.#keyInScale(key), { fields: numberInScale, apiVersion, isApplied });
    }
    if (found.size > 0 || (object as ScaleObject).spec?.replicas === undefined) return found;
    const first = this.keyOf({ manager: 'before-first-apply', operation: 'Update' });
    return found.set(first, { fields: numberInScale, apiVersion, isApplied: false });
  }

  /** The owners of an object after one has applied to its scale: who lost the number there has it here no longer. */
  inObject(before: Owners, ofScale: Owners, applier: string): Owners {
    const owners = new Map<string, OwnedFields>();
    for (const [key, owned] of before) {
      if (!this.#isOwnedBy(owned) || ofScale.has(this.#keyInScale(key))) owners.set(key, owned);
      else {
        const { fields, apiVersion, isApplied } = owned;
        owners.set(key, { fields: fields.difference(this.#field), apiVersion, isApplied });
      }
    }
    if (ofScale.get(applier)?.fields.equals(numberInScale) === true) {
      owners.set(applier, { fields: this.#field, apiVersion: this.#apiVersion, isApplied: true });
    }
    return owners;
  }

  #isOwnedBy({ fields }: OwnedFields): boolean {
    return !fields.intersection(this.#field).isEmpty;
  }

  #keyInScale(key: string): string {
    return managerKey({ ...managerOfKey(key), apiVersion: this.#live.apiVersion });
  }
}
