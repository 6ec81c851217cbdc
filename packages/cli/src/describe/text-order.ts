/** Texts in the order of their characters, for sorting; what is missing goes first. */
export function inTextOrder(one = '', other = ''): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
