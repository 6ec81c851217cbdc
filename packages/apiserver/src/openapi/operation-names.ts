/** `apps_v1`, `rbacAuthorization_v1`, `core_v1`: how operations of a version are filed. */
export function groupTag({ group, version }: { group: string; version: string }): string {
  const [first = '', ...rest] = group.replace(/\.k8s\.io$/, '').split('.');
  return `${first === '' ? 'core' : first}${rest.map(titleOf).join('')}_${version}`;
}

/** `RbacAuthorizationV1` of `rbacAuthorization_v1`. */
export function titleOf(tag: string): string {
  return tag
    .split(/[_/-]/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('');
}
