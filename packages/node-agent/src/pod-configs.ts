import { type Client, isNotFound } from '@fairway/client';
import type { Clock, Files, MachineFiles } from '@fairway/host';
import { RuntimeClass } from '@fairway/kinds/node/v1';
import { containerConfig } from './container-config/container-config.ts';
import { containerResources } from './container-config/container-resources.ts';
import { containerAnnotation, containerHash } from './container-config/kubelet-labels.ts';
import { podRefusal } from './container-config/pod-refusal.ts';
import { sandboxConfig } from './container-config/sandbox-config.ts';
import type { FollowedSources } from './follow-sources.ts';
import { lastWords } from './last-words.ts';
import type { NodeFacts } from './node-facts.ts';
import type { AnyPod } from './pod-lifecycle/pod-containers.ts';
import { PodError } from './pod-sources.ts';
import type { PodConfigs } from './pod-worker/pod-worker-parts.ts';
import type { ContainerMount } from './runtime/container.ts';

/** Makes what the runtime of a node is asked for, from pods and what they refer to. */
export function podConfigs({
  node,
  client,
  sources,
  machine,
  files,
  clock,
  mountsOf = () => [],
}: {
  readonly node: NodeFacts;
  /** Acts as the node. */
  readonly client: Client;
  readonly sources: Pick<FollowedSources, 'of'>;
  readonly machine: MachineFiles;
  readonly files: Files;
  readonly clock: Clock;
  /** What containers of an image see of the machine beside what their pods say. */
  readonly mountsOf?: ((image: string) => readonly ContainerMount[]) | undefined;
}): PodConfigs {
  return {
    async sandbox(pod, attempt) {
      const runtimeHandler = await handlerOf(pod, client);
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
      lastWords(record, {
        podUid: pod.metadata?.uid ?? '',
        rootDirectory: node.rootDirectory,
        files,
        clock,
      }),
  };
}

/** The handler of a pod's runtime class. Errors: `PodError` where there is no such class. */
async function handlerOf({ spec }: AnyPod, client: Client): Promise<string | undefined> {
  const { runtimeClassName } = spec ?? {};
  if (!runtimeClassName) return undefined;
  try {
    return (await client.get(RuntimeClass, runtimeClassName)).handler;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new PodError(`RuntimeClass ${JSON.stringify(runtimeClassName)} not found`);
  }
}
