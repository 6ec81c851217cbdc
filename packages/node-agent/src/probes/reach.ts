import type { Duplex } from 'node:stream';
import { reachDirectly } from '../runtime/reach-directly.ts';
import type { Place, RuntimeStreams } from '../runtime/runtime-streams.ts';

/** Connects to where a container is tried. Errors: those of a socket, also when `signal` aborts. */
export type Reach = (place: Place, signal?: AbortSignal) => Promise<Duplex>;

/** From a container's runtime, or from this machine where the runtime has no way of its own. */
export function reachFrom(runtime: Pick<RuntimeStreams, 'reach'>, containerId: string): Reach {
  return async (place, signal) => {
    const opened = runtime.reach?.(containerId, place) ?? reachDirectly(place, signal);
    if (signal === undefined) return await opened;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      return await Promise.race([opened, aborted]);
    } catch (error) {
      // One that comes late serves nobody.
      void opened.then((late) => late.destroy()).catch(() => {});
      throw error;
    }
  };
}
