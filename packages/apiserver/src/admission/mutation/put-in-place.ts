import type { KubernetesObject } from '@fairway/protocol';

/** The draft stays the one that its maker holds, and becomes `object`. */
export function putInPlace(draft: object, object: object): void {
  for (const field of Object.keys(draft)) {
    if (!Object.hasOwn(object, field)) Reflect.deleteProperty(draft, field);
  }
  Object.assign(draft, object);
  const { metadata } = draft as KubernetesObject;
  if (metadata === undefined) Object.assign(draft, { metadata: {} });
}
