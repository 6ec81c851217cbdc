/** The order of sandboxes and containers in a `RuntimePod`. */
export function newestFirst(
  one: { readonly createdMs: number; readonly attempt: number },
  other: { readonly createdMs: number; readonly attempt: number },
): number {
  return other.createdMs - one.createdMs || other.attempt - one.attempt;
}
