/** `io.k8s.api.apps.v1.Deployment` is the message `k8s.io.api.apps.v1.Deployment`. */
export function messageName(definition: string): string {
  const [first = '', second = '', ...rest] = definition.split('.');
  return [second, first, ...rest].join('.').replaceAll('-', '_');
}

/**
 * The property a field is in JSON: mostly its own name, sometimes spelled otherwise (`uID`,
 * `xKubernetesListType`, `ref`). None: the field is a message that JSON does not nest.
 */
export function jsonName(field: string, properties: readonly string[]): string | undefined {
  if (properties.length === 0 || properties.includes(field)) return field;
  const letters = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
  return properties.find((property) => letters(property) === letters(field));
}
