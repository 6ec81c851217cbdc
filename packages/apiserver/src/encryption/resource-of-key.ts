/** Groups of Kubernetes whose names have no dot. */
const groupsWithoutDot: ReadonlySet<string> = new Set([
  'apps',
  'autoscaling',
  'batch',
  'extensions',
  'policy',
]);

/** Of which resource a key is: `/registry/secrets/default/a`, `/registry/apps/deployments/default/a`. */
export function resourceOfKey(key: string): { readonly group: string; readonly plural: string } {
  const [, , first = '', second = ''] = key.split('/', 4);
  const isGroup = first.includes('.') || groupsWithoutDot.has(first);
  return isGroup ? { group: first, plural: second } : { group: '', plural: first };
}
