import { giveWay } from '@fairway/host';
import { type JsonObject, type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import type { VersionedObject, WriteScope } from '@fairway/schema';
import { withoutManagedFields } from '../content/incoming-object.ts';
import type { Call } from '../calls/call.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { resetFields, unownedFields } from './reset-fields.ts';

/** To see an object as owners in other versions do, and what others of Kubernetes have to do with it. */
export interface VersionParts {
  readonly resources: {
    find(group: string, version: string, plural: string): ServedResource | undefined;
    /** Served or not. */
    builtInResource(group: string, plural: string): ServedResource;
  };
}

/** An object in the version of the call, without who owns it. */
export function versioned(
  { resource }: Call,
  object: KubernetesObject | JsonObject,
): VersionedObject {
  return {
    object: withoutManagedFields(object as KubernetesObject) as unknown as JsonObject,
    apiVersion: apiVersionOf(resource),
    schema: resource.schema,
  };
}

export function writeScope({ resource, target, parts }: Call<VersionParts>): WriteScope {
  return {
    reset: resetFields(resource, target.subresource),
    unowned: unownedFields,
    giveWay,
    convert: (object, apiVersion) => convert(object, apiVersion, { resource, parts }),
  };
}

async function convert(
  { object, apiVersion: from }: VersionedObject,
  to: string,
  {
    resource: { plural },
    parts,
  }: { readonly resource: ServedResource; readonly parts: VersionParts },
): Promise<VersionedObject | undefined> {
  const find = (apiVersion: string): ServedResource | undefined => {
    const [version = '', group = '', ...more] = apiVersion.split('/').reverse();
    // A stored manager may name anything.
    return more.length > 0 ? undefined : parts.resources.find(group, version, plural);
  };
  const [source, wanted] = [find(from), find(to)];
  if (source === undefined || wanted?.storage.prefix !== source.storage.prefix) return undefined;
  const [stored] = (await source.storage.toStored?.([copyOf(object)])) ?? [copyOf(object)];
  const [served = object] = (await wanted.storage.fromStored?.([stored ?? copyOf(object)])) ?? [
    stored,
  ];
  return { object: served as JsonObject, apiVersion: to, schema: wanted.schema };
}

/** A conversion may change what it is given. */
function copyOf(object: JsonObject): KubernetesObject {
  return structuredClone(object) as KubernetesObject;
}
