/** Numbers from `first` to `last`. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Indexes of a job: intervals in order, between which others lie. */
export type IndexSet = readonly Interval[];

/**
 * Reads indexes as a job's status and its success policy have them, `0,2-4`; those from `completions` on are
 * left out.
 *
 * Source: batch/v1, JobStatus, `completedIndexes`.
 */
export function parseIndexes(text: string, completions: number): IndexSet {
  const intervals = text.split(',').flatMap((part) => {
    const [first, last] = part.split('-').map(Number);
    if (part === '' || first === undefined || first >= completions) return [];
    return [{ first, last: Math.min(last ?? first, completions - 1) }];
  });
  return merged(intervals);
}

/** Writes them so: three and more in a row as an interval. */
export function formatIndexes(set: IndexSet): string {
  return set
    .map(({ first, last }) => {
      if (first === last) return String(first);
      return `${first}${last === first + 1 ? ',' : '-'}${last}`;
    })
    .join(',');
}

export function countIndexes(set: IndexSet): number {
  return set.reduce((count, { first, last }) => count + last - first + 1, 0);
}

export function hasIndex(set: IndexSet, index: number): boolean {
  let [low, high] = [0, set.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { first, last } = set[middle] ?? { first: 0, last: -1 };
    if (index < first) high = middle - 1;
    else if (index > last) low = middle + 1;
    else return true;
  }
  return false;
}

export function withIndexes(set: IndexSet, indexes: Iterable<number>): IndexSet {
  return union(
    set,
    [...indexes].map((index) => ({ first: index, last: index })),
  );
}

export function union(set: IndexSet, other: IndexSet): IndexSet {
  return merged([...set, ...other]);
}

/** How many indexes are in both. */
export function countShared(set: IndexSet, other: IndexSet): number {
  return countIndexes(set) + countIndexes(other) - countIndexes(union(set, other));
}

/** The lowest indexes below `below` that are not in a set, `count` at the most. */
export function firstMissing(
  set: IndexSet,
  { count, below }: { readonly count: number; readonly below: number },
): readonly number[] {
  const missing: number[] = [];
  let next = 0;
  for (const { first, last } of [...set, { first: below, last: below }]) {
    for (; next < Math.min(first, below) && missing.length < count; next++) missing.push(next);
    next = last + 1;
  }
  return missing;
}

function merged(intervals: readonly Interval[]): IndexSet {
  const set: { first: number; last: number }[] = [];
  for (const { first, last } of intervals.toSorted((one, other) => one.first - other.first)) {
    const before = set.at(-1);
    if (before === undefined || first > before.last + 1) set.push({ first, last });
    else before.last = Math.max(before.last, last);
  }
  return set;
}
