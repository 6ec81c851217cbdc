import { type KeyRange, prefixRange } from '@fairway/store';

/** Below this lies everything that is stored: the layout that Kubernetes tools expect. */
const root = '/registry/';

/** Where the objects of a resource lie: `/registry/pods/`, `/registry/apps/deployments/`. */
export function resourcePrefix({ group, plural }: GroupResource): string {
  return group === '' ? `${root}${plural}/` : `${root}${group}/${plural}/`;
}

interface GroupResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly plural: string;
}

/** Where a server keeps what is no object: `/registry/ranges/servicenodeports/`. */
export function otherPrefix(name: string): string {
  return `${root}${name}/`;
}

/** The keys of all objects of a group other than the core one. */
export function groupRange(group: string): KeyRange {
  return prefixRange(`${root}${group}/`);
}

/** What keys depend on. */
interface StoredResource {
  readonly isNamespaced: boolean;
  readonly storage: { readonly prefix: string };
}

/** `/registry/pods/default/web-0`, `/registry/nodes/n1`. */
export function storageKey(resource: StoredResource, namespace: string, name: string): string {
  const { prefix } = resource.storage;
  return resource.isNamespaced ? `${prefix}${namespace}/${name}` : `${prefix}${name}`;
}

/** The keys of a collection: of one namespace, or of all when `namespace` is empty. */
export function collectionRange(resource: StoredResource, namespace: string): KeyRange {
  const { prefix } = resource.storage;
  const start = resource.isNamespaced && namespace !== '' ? `${prefix}${namespace}/` : prefix;
  return prefixRange(start);
}
