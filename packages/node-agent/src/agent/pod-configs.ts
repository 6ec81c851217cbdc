import type { Clock, Files, MachineFiles } from '@fairway/host';
import { Pod } from '@fairway/kinds/core/v1';
import type { EventRecorder } from '@fairway/reconcile';
import { containerConfig } from '../container-config/container-config.ts';
import { containerResources } from '../container-config/container-resources.ts';
import { containerAnnotation, containerHash } from '../container-config/kubelet-labels.ts';
import { podDns } from '../container-config/pod-dns.ts';
import { podRefusal } from '../container-config/pod-refusal.ts';
import { sandboxConfig } from '../container-config/sandbox-config.ts';
import type { FollowedSources } from '../sources/follow-sources.ts';
import { terminationMessage } from './termination-message.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { PodConfigs } from '../pod-worker/pod-worker-parts.ts';
import type { ContainerMount } from '../runtime/container.ts';

/** Makes what the runtime of a node is asked for, from pods and what they refer to. */
export function podConfigs({
  node,
  sources,
  recorder,
  machine,
  files,
  clock,
  mountsOf = () => [],
}: {
  readonly node: NodeFacts;
  readonly sources: Pick<FollowedSources, 'of' | 'runtimeHandler'>;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly machine: MachineFiles;
  readonly files: Files;
  readonly clock: Clock;
  /** What containers of an image see of the machine beside what their pods say. */
  readonly mountsOf?: ((image: string) => readonly ContainerMount[]) | undefined;
}): PodConfigs {
  return {
    async sandbox(pod, attempt) {
      const runtimeHandler = await sources.runtimeHandler(pod);
      for (const event of podDns(pod, node).events) recorder.record(Pod, pod, event);
      return sandboxConfig(pod, node, {
        attempt,
        ...(runtimeHandler === undefined ? {} : { runtimeHandler }),
      });
    },
    async container({ targetContainerId, ...order }) {
      const config = await containerConfig({
        ...order,
        node,
        machine,
        files,
        sources: sources.of(order.pod),
        ...(targetContainerId === undefined ? {} : { targetContainerId }),
      });
      return { ...config, mounts: [...mountsOf(config.image), ...config.mounts] };
    },
    resources: (pod, container) => containerResources(pod, container, node),
    refusal: (pod) => podRefusal(pod, node),
    isOutdated: (record, container) =>
      record.annotations[containerAnnotation.hash] !== containerHash(container),
    terminationMessage: (pod, record) =>
      terminationMessage(record, {
        podUid: pod.metadata?.uid ?? '',
        rootDirectory: node.rootDirectory,
        files,
        clock,
      }),
  };
}
