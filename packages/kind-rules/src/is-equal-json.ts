/**
 * Whether two values mean the same to the API: a field that is absent, null, false, empty text or an
 * empty list says the same as one that was never written.
 */
export function isEqualJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isNothing(left) || isNothing(right)) return isNothing(left) && isNothing(right);
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && isEqualList(left, right);
  }
  return isEqualRecord(left as Record<string, unknown>, right as Record<string, unknown>);
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}

function isEqualList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return (
    left.length === right.length && left.every((item, index) => isEqualJson(item, right[index]))
  );
}

function isEqualRecord(
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): boolean {
  for (const key of Object.keys(left)) {
    if (!isEqualJson(left[key], right[key])) return false;
  }
  for (const key of Object.keys(right)) {
    if (!(key in left) && !isNothing(right[key])) return false;
  }
  return true;
}
