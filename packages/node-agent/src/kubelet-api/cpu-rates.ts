interface Reading {
  readonly timeMs: number;
  readonly cpuNanoseconds: number;
}

/** Times closer to each other make no rate. */
const spanMsMin = 1_000;
/** What was not asked for so long is forgotten. */
const idleMs = 5 * 60_000;

/** How many processors are used, from what was read when it was asked before. */
export class CpuRates {
  readonly #known = new Map<string, Reading & { readonly nanoCores?: number }>();

  /** In billionths of a processor; undefined at first. */
  of({ key, timeMs, cpuNanoseconds }: Reading & { readonly key: string }): number | undefined {
    this.#forget(timeMs);
    const before = this.#known.get(key);
    if (before === undefined) {
      this.#known.set(key, { timeMs, cpuNanoseconds });
      return undefined;
    }
    const spanMs = timeMs - before.timeMs;
    if (spanMs < spanMsMin) return before.nanoCores;
    const used = Math.max(0, cpuNanoseconds - before.cpuNanoseconds);
    const nanoCores = Math.round((used / spanMs) * 1_000);
    this.#known.delete(key);
    this.#known.set(key, { timeMs, cpuNanoseconds, nanoCores });
    return nanoCores;
  }

  // Those that were read longest ago come first.
  #forget(nowMs: number): void {
    for (const [key, { timeMs }] of this.#known) {
      if (nowMs - timeMs < idleMs) return;
      this.#known.delete(key);
    }
  }
}
