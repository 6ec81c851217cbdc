import { type Client, isAlreadyExists } from '@fairway/client';
import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { isControlledBy } from '@fairway/reconcile';

/** What came of making an object of an owner. */
export type CreateOutcome<T> =
  /** `found`: it was made before, and its making was not heard of. */
  | { readonly kind: 'made' | 'found'; readonly object: DeepReadonly<T> }
  /** Its name is taken by an object that is not the owner's, and so it was refused. */
  | { readonly kind: 'taken'; readonly refusal: unknown };

/** Makes an object that is controlled by an owner and has a name, once. Errors: what the server refused. */
export async function createOwned<T extends KubernetesObject>(
  client: Client,
  kind: ResourceDescriptor<T>,
  {
    owner,
    object,
    signal,
  }: {
    readonly owner: DeepReadonly<KubernetesObject>;
    readonly object: DeepReadonly<T>;
    readonly signal: AbortSignal;
  },
): Promise<CreateOutcome<T>> {
  try {
    const made = await client.create(kind, object, { signal });
    return { kind: 'made', object: made as DeepReadonly<T> };
  } catch (refusal) {
    if (!isAlreadyExists(refusal)) throw refusal;
    const { name = '', namespace } = object.metadata ?? {};
    const where = namespace === undefined ? {} : { namespace };
    const found = await client.find(kind, name, { ...where, signal });
    return found !== undefined && isControlledBy(found, owner)
      ? { kind: 'found', object: found as DeepReadonly<T> }
      : { kind: 'taken', refusal };
  }
}
