import { pressureCondition } from '../eviction/pressure-conditions.ts';
import type { PressureCondition } from '../eviction/thresholds.ts';
import type { Machine } from '../node/machine.ts';
import { readyVerdict } from '../node/node-conditions.ts';
import type { NodeReport } from '../node/node-status.ts';
import type { ImageStore } from '../runtime/image-store.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import { podsMax } from './node-agent-options.ts';

/** What a node tells of itself now. */
export async function reportNode(of: {
  readonly machine: Machine;
  readonly runtime: PodRuntime;
  readonly images: ImageStore;
  readonly address: string;
  /** Of the API of its agent. */
  readonly port: number;
  readonly pressures: readonly PressureCondition[];
}): Promise<NodeReport> {
  const { machine, runtime, images, address, port, pressures } = of;
  const problem = await runtime.problem();
  const verdict = { isReady: false, reason: 'KubeletNotReady', message: problem ?? '' };
  const known = problem === undefined ? await images.list() : [];
  return {
    machine,
    address,
    port,
    podsMax,
    runtimeVersion: runtime.version,
    images: known.map(({ tags, digests, sizeBytes }) => ({
      names: [...digests, ...tags],
      sizeBytes,
    })),
    verdict: problem === undefined ? readyVerdict : verdict,
    pressures: pressures.map(pressureCondition),
  };
}
