import type { KeyRange } from '@fairway/store';
import type { ServedResource } from '../registry/served-resource.ts';

/** `/registry/pods/default/web-0`, `/registry/nodes/n1`: the layout that Kubernetes tools expect. */
export function storageKey(resource: ServedResource, namespace: string, name: string): string {
  const { prefix } = resource.storage;
  return resource.isNamespaced ? `${prefix}${namespace}/${name}` : `${prefix}${name}`;
}

/** The keys of a collection: of one namespace, or of all when `namespace` is empty. */
export function collectionRange(resource: ServedResource, namespace: string): KeyRange {
  const { prefix } = resource.storage;
  const start = resource.isNamespaced && namespace !== '' ? `${prefix}${namespace}/` : prefix;
  return { start, end: endOfPrefix(start) };
}

/** The first key after everything that starts with `prefix`. */
export function endOfPrefix(prefix: string): string {
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}

/** The first key after `key`. */
export function keyAfter(key: string): string {
  return `${key}\u0000`;
}
