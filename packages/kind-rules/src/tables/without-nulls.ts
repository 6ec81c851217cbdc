/**
 * The same object, except that a field that is null is missing, as it may be anyway; the object
 * itself when there is none. The API writes null for a Time that is not set and for some lists.
 * Source: API conventions, "Optional vs. Required".
 */
export function withoutNulls(object: object): object {
  return hasNull(object, depthMax) ? copyWithoutNulls(object, depthMax) : object;
}

/** No table looks deeper into its objects. */
const depthMax = 12;

function hasNull(value: unknown, depth: number): boolean {
  if (value === null) return true;
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return value.some((item) => hasNull(item, depth - 1));
  return Object.entries(value).some(([name, field]) => {
    // No table shows managed fields, which are often the larger half of an object.
    return name !== 'managedFields' && hasNull(field, depth - 1);
  });
}

function copyWithoutNulls(value: object, depth: number): object {
  const copy = (item: unknown) =>
    typeof item === 'object' && item !== null && depth > 1
      ? copyWithoutNulls(item, depth - 1)
      : item;
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(copy);
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [name, copy(field)]));
}
