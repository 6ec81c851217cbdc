import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ProcessMemory } from './process-memory.ts';

export const nodejsMemory: ProcessMemory = {
  get heapBytes() {
    return process.memoryUsage().heapUsed;
  },

  get busyMs() {
    return performance.eventLoopUtilization().active;
  },

  collect() {
    // Contexts that are made from now on have it; the one of this process does not.
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
  },
};
