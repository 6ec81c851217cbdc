import { type Clock, type ProcessMemory, sleep } from '@fairway/host';

/** How long the cluster must have had next to nothing to do. */
const restMs = 5_000;
const busyShareMax = 0.05;
/** With more than this, V8 has collected by itself, and looking at all of it would take too long. */
const heapBytesMax = 128 * 1_024 * 1_024;

/**
 * Once, when the cluster is at rest for the first time: gives back the memory that its start took. V8 would keep
 * it until twice as much has come.
 */
export async function collectAtRest(
  memory: ProcessMemory,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  let share: number;
  do {
    const { busyMs } = memory;
    try {
      await sleep(clock, restMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    share = (memory.busyMs - busyMs) / restMs;
  } while (share > busyShareMax);
  if (memory.heapBytes <= heapBytesMax) memory.collect();
}
