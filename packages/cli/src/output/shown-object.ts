import type { DynamicObject } from '@fairway/client';

/** The object as it is shown: without the bookkeeping of who owns which field. */
export function shown(object: DynamicObject, hasManagedFields: boolean): DynamicObject {
  if (hasManagedFields || object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
