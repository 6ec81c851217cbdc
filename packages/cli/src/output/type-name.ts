import type { ResourceDescriptor } from '@fairway/protocol';

/** `pod`, `deployment.apps`: how an object is named in front of its name. */
export function typeNameOf({ kind, group }: Pick<ResourceDescriptor, 'kind' | 'group'>): string {
  const name = kind.toLowerCase();
  return group === '' ? name : `${name}.${group}`;
}
