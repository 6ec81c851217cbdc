import { isDeepStrictEqual } from 'node:util';
import type { ServiceEntrance } from './service-entrances.ts';

/** What is different from what was told before. */
export interface EntranceChange {
  /** Whatever was told before and is not in it is gone. */
  readonly isWhole: boolean;
  readonly set: readonly ServiceEntrance[];
  readonly gone: readonly string[];
}

/** From what somebody has been told to what is wanted; undefined: nobody knows what was told. */
export function entranceChange(
  told: ReadonlyMap<string, ServiceEntrance> | undefined,
  wanted: ReadonlyMap<string, ServiceEntrance>,
): EntranceChange {
  if (told === undefined) return { isWhole: true, set: [...wanted.values()], gone: [] };
  return {
    isWhole: false,
    set: [...wanted.values()].filter((each) => !isDeepStrictEqual(told.get(each.key), each)),
    gone: [...told.keys()].filter((key) => !wanted.has(key)),
  };
}
