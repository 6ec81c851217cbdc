/** True of a schema that has `x-kubernetes-validations`, or that has one with some within. */
export function hasRules(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  return 'x-kubernetes-validations' in schema || Object.values(schema).some(hasRules);
}
