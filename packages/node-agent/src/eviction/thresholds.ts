/** What of a node can run short. Source: kubelet, eviction signals. */
export type Signal = keyof typeof signals;

/** In the order in which they are looked at: what harms most comes first. */
const signals = {
  'memory.available': { condition: 'MemoryPressure', resource: 'memory' },
  'nodefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'nodefs.inodesFree': { condition: 'DiskPressure', resource: 'inodes' },
  'imagefs.available': { condition: 'DiskPressure', resource: 'ephemeral-storage' },
  'imagefs.inodesFree': { condition: 'DiskPressure', resource: 'inodes' },
  'pid.available': { condition: 'PIDPressure', resource: 'pids' },
} as const;

export type PressureCondition = (typeof signals)[Signal]['condition'];
export type ScarceResource = (typeof signals)[Signal]['resource'];

/** Below this, pods are evicted. */
export interface EvictionThreshold {
  readonly signal: Signal;
  readonly least: { readonly amount: number } | { readonly percent: number };
}

/** Source: kubelet, `evictionHard` of Linux. Processes have none there. */
export const hardThresholds: readonly EvictionThreshold[] = [
  { signal: 'memory.available', least: { amount: 100 * 1024 * 1024 } },
  { signal: 'nodefs.available', least: { percent: 10 } },
  { signal: 'nodefs.inodesFree', least: { percent: 5 } },
  { signal: 'imagefs.available', least: { percent: 15 } },
  { signal: 'imagefs.inodesFree', least: { percent: 5 } },
];

/** How much of something there is, and how much of it is left: bytes, inodes, processes. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

export type Observations = Readonly<Partial<Record<Signal, Observation>>>;

/** A threshold below which a node is. */
export interface Shortage {
  readonly signal: Signal;
  readonly condition: PressureCondition;
  readonly resource: ScarceResource;
  /** What there has to be. */
  readonly least: number;
  readonly available: number;
}

/** What a node is short of, the worst first. What was not observed is not short. */
export function shortagesOf(
  thresholds: readonly EvictionThreshold[],
  observations: Observations,
): readonly Shortage[] {
  const order = Object.keys(signals);
  return thresholds
    .flatMap(({ signal, least }) => {
      const seen = observations[signal];
      if (seen === undefined) return [];
      const amount =
        'percent' in least ? Math.floor((seen.capacity * least.percent) / 100) : least.amount;
      if (seen.available >= amount) return [];
      return [{ signal, ...signals[signal], least: amount, available: seen.available }];
    })
    .toSorted((one, other) => order.indexOf(one.signal) - order.indexOf(other.signal));
}
