/** Joins terms in order, as a tree of the least depth. `join` is told which sign stood between them. */
export function balance<T>(terms: readonly T[], join: (sign: number, left: T, right: T) => T): T {
  const build = (first: number, last: number): T => {
    if (first === last) return terms[first] as T;
    const middle = Math.floor((first + last) / 2);
    return join(middle, build(first, middle), build(middle + 1, last));
  };
  return build(0, terms.length - 1);
}
