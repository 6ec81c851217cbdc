import { type Client, isNotFound } from '@fairway/client';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';

/** True when an object waits for `finalizer` before it can go. */
export function hasFinalizer(object: KubernetesObject, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) ?? false;
}

/** True when somebody has deleted an object that is still there. */
export function isBeingDeleted(object: KubernetesObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}

/** Makes an object wait for `finalizer` before it can go; does nothing when it does already. */
export async function addFinalizer<T extends KubernetesObject>(
  client: Client,
  kind: ResourceDescriptor<T>,
  { object, finalizer }: { readonly object: T; readonly finalizer: string },
): Promise<T> {
  if (hasFinalizer(object, finalizer)) return object;
  const finalizers = [...(object.metadata?.finalizers ?? []), finalizer];
  return patchFinalizers(client, kind, { object, finalizers });
}

/**
 * Lets an object go as far as `finalizer` is concerned; undefined when it is gone already.
 *
 * Errors: Conflict when the object has changed since it was read.
 */
export async function removeFinalizer<T extends KubernetesObject>(
  client: Client,
  kind: ResourceDescriptor<T>,
  { object, finalizer }: { readonly object: T; readonly finalizer: string },
): Promise<T | undefined> {
  if (!hasFinalizer(object, finalizer)) return object;
  const finalizers = (object.metadata?.finalizers ?? []).filter((each) => each !== finalizer);
  try {
    return await patchFinalizers(client, kind, { object, finalizers });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

// The list is written whole, so it must be the one that was read.
function patchFinalizers<T extends KubernetesObject>(
  client: Client,
  kind: ResourceDescriptor<T>,
  { object, finalizers }: { readonly object: T; readonly finalizers: readonly string[] },
): Promise<T> {
  const { name = '', namespace, uid, resourceVersion } = object.metadata ?? {};
  const merge = { metadata: { uid, resourceVersion, finalizers } };
  return client.patch(kind, name, { merge }, namespace === undefined ? {} : { namespace });
}
