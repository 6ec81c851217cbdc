import { giveWay } from '@fairway/host';
import type { KubernetesObject } from '@fairway/protocol';

/**
 * Converts a page of objects from one version to another; it may wait for somebody else to do so.
 *
 * Shape: one answer for each object, in their order, with its labels and the order of the fields of
 * its metadata as they were. The objects are the conversion's own to change.
 * Errors: the `ApiError` that the caller of the request gets; one object that cannot be converted
 * fails the page.
 */
export type Conversion = (
  objects: readonly KubernetesObject[],
) => Promise<readonly KubernetesObject[]>;

/** A conversion that needs nothing but the object. Gives way between objects. */
export function oneByOne(convert: (object: KubernetesObject) => KubernetesObject): Conversion {
  return async (objects) => {
    const converted: KubernetesObject[] = [];
    for (const object of objects) {
      const turn = giveWay();
      if (turn !== undefined) await turn;
      converted.push(convert(object));
    }
    return converted;
  };
}
