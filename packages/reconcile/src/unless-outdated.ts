import {
  type Client,
  type DeleteOptions,
  isAlreadyExists,
  isConflict,
  isInvalid,
  isNotFound,
} from '@fairway/client';
import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';

/**
 * Waits for a write: what it answered, or undefined where its object is gone, or was made or changed by
 * somebody else, whose event will call for it again.
 */
export async function unlessOutdated<T>(writing: Promise<T>): Promise<T | undefined> {
  try {
    return await writing;
  } catch (error) {
    if (isNotFound(error) || isConflict(error) || isAlreadyExists(error)) return undefined;
    throw error;
  }
}

/**
 * Waits for a patch that names the uid of the object that is meant: what it answered, or undefined where that
 * one is gone, though another may have its name. Its uid is refused as a change: 409 or 422.
 */
export async function unlessAnother<T>(patching: Promise<T>): Promise<T | undefined> {
  try {
    return await unlessOutdated(patching);
  } catch (error) {
    if (isInvalid(error)) return undefined;
    throw error;
  }
}

/**
 * Deletes the very object that was read, and never another one of its name. `ifUnchanged`: as far as nobody
 * has changed it since. Answers whether it was: false where it is gone, or has changed.
 */
export async function deleteUnlessOutdated(
  client: Client,
  kind: ResourceDescriptor,
  { metadata }: DeepReadonly<KubernetesObject>,
  options: Omit<DeleteOptions, 'namespace' | 'preconditions'> & {
    readonly ifUnchanged?: boolean;
  } = {},
): Promise<boolean> {
  const { ifUnchanged = false, ...how } = options;
  const { name = '', namespace, uid, resourceVersion } = metadata ?? {};
  const deleting = client.delete(kind, name, {
    ...how,
    ...(namespace === undefined ? {} : { namespace }),
    preconditions: {
      ...(uid === undefined ? {} : { uid }),
      ...(ifUnchanged && resourceVersion !== undefined ? { resourceVersion } : {}),
    },
  });
  return (await unlessOutdated(deleting.then(() => true))) ?? false;
}
