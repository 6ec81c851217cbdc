/** A range, of sizes or of costs. What is beyond the largest number of 64 bits is that number. */
export interface Estimate {
  readonly min: number;
  readonly max: number;
}

const largest = 2 ** 64;

export const nothing: Estimate = { min: 0, max: 0 };
export const unknown: Estimate = { min: 0, max: largest };

export function exactly(value: number): Estimate {
  return { min: value, max: value };
}

export function plus(...estimates: readonly Estimate[]): Estimate {
  let min = 0;
  let max = 0;
  for (const each of estimates) {
    min = Math.min(largest, min + each.min);
    max = Math.min(largest, max + each.max);
  }
  return { min, max };
}

export function times(one: Estimate, other: Estimate): Estimate {
  return {
    min: Math.min(largest, one.min * other.min),
    max: Math.min(largest, one.max * other.max),
  };
}

/** Rounded up to whole ones. */
export function scaled({ min, max }: Estimate, factor: number): Estimate {
  const scale = (value: number): number => Math.min(largest, Math.ceil(value * factor));
  return { min: scale(min), max: scale(max) };
}

/** What holds both. */
export function union(one: Estimate, other: Estimate): Estimate {
  return { min: Math.min(one.min, other.min), max: Math.max(one.max, other.max) };
}
