import type { SaidCondition } from '../node/node-conditions.ts';
import type { PressureCondition, Shortage } from './thresholds.ts';

/** So long a node stays under pressure after it was last short. Source: kubelet, `evictionPressureTransitionPeriod`. */
const transitionMs = 300_000;

/** When a node was last short of something, by a clock that does not jump. */
export type LastShort = Readonly<Partial<Record<PressureCondition, number>>>;

export function noteShortages(
  before: LastShort,
  shortages: readonly Shortage[],
  nowMs: number,
): LastShort {
  const now = shortages.map(({ condition }) => [condition, nowMs] as const);
  return { ...before, ...Object.fromEntries(now) };
}

/** Under which pressures a node is. */
export function pressuresAt(last: LastShort, nowMs: number): readonly PressureCondition[] {
  const all = Object.keys(words) as PressureCondition[];
  return all.filter((each) => {
    const atMs = last[each];
    return atMs !== undefined && nowMs - atMs < transitionMs;
  });
}

/** As a kubelet says it. */
export function pressureCondition(type: PressureCondition): SaidCondition {
  return { type, status: 'True', ...words[type] };
}

const words = {
  MemoryPressure: {
    reason: 'KubeletHasInsufficientMemory',
    message: 'kubelet has insufficient memory available',
  },
  DiskPressure: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
  PIDPressure: {
    reason: 'KubeletHasInsufficientPID',
    message: 'kubelet has insufficient PID available',
  },
} as const;
