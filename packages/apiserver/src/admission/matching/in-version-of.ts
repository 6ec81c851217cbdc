import { type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import type { ServedResource } from '../../registry/served-resource.ts';

/**
 * An object of a request in the version of the resource that a rule has matched, and back again. What
 * a subresource speaks, a `Scale`, is the same in every version of its resource.
 *
 * Errors: the `ApiError` that the caller gets when a webhook is needed to convert and fails.
 */
export async function inVersionOf(
  object: KubernetesObject,
  { from, to }: { readonly from: ServedResource; readonly to: ServedResource },
): Promise<KubernetesObject> {
  if (apiVersionOf(from) === apiVersionOf(to) || object.kind !== from.kind) return object;
  const stored = await convert(object, from.storage.toStored);
  return convert(stored, to.storage.fromStored);
}

async function convert(
  object: KubernetesObject,
  conversion: ServedResource['storage']['toStored'],
): Promise<KubernetesObject> {
  if (conversion === undefined) return object;
  // A conversion may change what it is given, and the caller's object has left its maker.
  const [converted = object] = await conversion([structuredClone(object)]);
  return converted;
}
