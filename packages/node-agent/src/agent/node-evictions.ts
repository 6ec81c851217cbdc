import { isPodOver } from '@fairway/kind-rules/pods';
import { Node } from '@fairway/kinds/core/v1';
import type { EvictionParts } from '../eviction/evict-pods.ts';
import { measurePods } from '../eviction/measure-pods.ts';
import { observeNode } from '../eviction/observe-node.ts';
import { SpareRoom } from '../eviction/spare-room.ts';
import { hardThresholds } from '../eviction/thresholds.ts';
import type { ImageGarbage } from '../images/image-garbage.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { NodeAgentOptions } from './node-agent-options.ts';
import type { PodParts } from './open-pod-parts.ts';

/** What it takes to evict pods from this machine when it runs short. */
export function nodeEvictions(
  options: NodeAgentOptions,
  of: { readonly parts: PodParts; readonly node: NodeFacts; readonly garbage: ImageGarbage },
): EvictionParts {
  const { parts, node, garbage } = of;
  const { runtime, volumes, pods, recorder, pressure } = parts;
  const { machineFiles, clock, logger } = options;
  return {
    thresholds: options.evictionThresholds ?? hardThresholds,
    pressure,
    pods: () => pods.objects(),
    observe: () => observeNode({ ...options, runtime }),
    measure: (each, how) => measurePods({ runtime, volumes, machineFiles, node }, each, how),
    async reclaimDisk() {
      await removeEnded(parts);
      await garbage.removeUnused();
    },
    spareRoom: new SpareRoom(options.files, options.rootDirectory),
    record(event) {
      const self = parts.node();
      if (self !== undefined) recorder.record(Node, self, event);
    },
    clock,
    logger,
  };
}

/** Takes containers away whose pods are over, with what they have written; their logs stay. */
async function removeEnded({ runtime, pods }: Pick<PodParts, 'runtime' | 'pods'>): Promise<void> {
  const over = new Set([...pods.objects()].filter(isPodOver).map(({ metadata }) => metadata?.uid));
  for (const { uid, containers } of await runtime.listPods()) {
    if (!over.has(uid)) continue;
    const ended = containers.filter(({ state }) => state === 'exited');
    for (const { id } of ended) await runtime.removeContainer(id);
  }
}
