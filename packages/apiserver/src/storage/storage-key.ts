import { type KeyRange, prefixRange } from '@fairway/store';

/** Below this lies everything that is stored: the layout that Kubernetes tools expect. */
const root = '/registry/';

/** Where the objects of a resource lie: `/registry/pods/`, `/registry/apps/deployments/`. */
export function resourcePrefix({ group, plural }: GroupResource): string {
  return group === '' ? `${root}${plural}/` : `${root}${group}/${plural}/`;
}

export interface GroupResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly plural: string;
}

/** Groups of Kubernetes whose names have no dot, as all others have. */
const groupsWithoutDot: ReadonlySet<string> = new Set([
  'apps',
  'autoscaling',
  'batch',
  'extensions',
  'policy',
]);

/** What lies at a key. The range of a whole group counts as one resource of that name. */
export function resourceOfKey(key: string): GroupResource {
  const first = key.indexOf('/', root.length);
  if (first < 0) return { group: '', plural: '' };
  const name = key.slice(root.length, first);
  if (!name.includes('.') && !groupsWithoutDot.has(name)) return { group: '', plural: name };
  const second = key.indexOf('/', first + 1);
  if (second < 0) return { group: '', plural: name };
  return { group: name, plural: key.slice(first + 1, second) };
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
