import type { DisposalStack } from '@fairway/host';
import { type PodCgroups, noCgroups, podCgroups } from '../cgroups/pod-cgroups.ts';
import { createImagePuller } from '../images/image-puller.ts';
import { NodePressure } from '../eviction/node-pressure.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import { podLogs } from '../pod-worker/pod-logs.ts';
import type { PodWorkerParts } from '../pod-worker/pod-worker-parts.ts';
import type { WantedPods } from '../pod-worker/wanted-pods.ts';
import { Prober } from '../probes/prober.ts';
import { followSources } from '../sources/follow-sources.ts';
import type { VolumeSources } from '../sources/volume-sources.ts';
import { type PodVolumes, podVolumes } from '../volumes/pod-volumes.ts';
import type { NodeAgentOptions, NodeRuntime } from './node-agent-options.ts';
import type { NodeApi } from './node-api.ts';
import { podConfigs } from './pod-configs.ts';

/** What the pods of a node are run and ended with. */
export interface PodParts extends PodWorkerParts {
  readonly volumes: PodVolumes;
  readonly cgroups: PodCgroups;
}

type PodPartsOptions = Pick<
  NodeAgentOptions,
  'files' | 'machineFiles' | 'clock' | 'random' | 'logger' | 'imageRemedy' | 'untilIsolated'
>;

/** Puts together what it takes to run the pods of a node; what has to be closed goes on the stack. */
export async function openPodParts(
  options: PodPartsOptions,
  of: {
    readonly api: NodeApi;
    readonly pods: WantedPods;
    readonly node: NodeFacts;
    readonly nodeRuntime: Pick<NodeRuntime, 'runtime' | 'images' | 'mountsOf'>;
    readonly signal: AbortSignal;
  },
  opened: DisposalStack,
): Promise<PodParts> {
  const { files, machineFiles: machine, clock, random, logger } = options;
  const { api, pods, node, nodeRuntime, signal } = of;
  const { client, informers, recorder, nodes } = api;
  const { runtime, images, mountsOf } = nodeRuntime;
  const { rootDirectory, cgroupRoot: root } = node;
  const prober = new Prober({ runtime, clock, random });
  opened.defer(() => prober[Symbol.dispose]());
  const sources = followSources({ client, informers, clock, logger, signal });
  const memoryDirectory = `${rootDirectory}/memory`;
  const sourcesOf = (pod: AnyPod): VolumeSources => sources.of(pod);
  const volumes = opened.use(
    podVolumes({ machine, files, sourcesOf, node, memoryDirectory, clock, logger }),
  );
  return {
    nodeName: node.name,
    runtime,
    images: createImagePuller({
      store: images,
      sources: sourcesOf,
      clock,
      files,
      recordFile: `${rootDirectory}/pulled-images.json`,
      ...(options.imageRemedy === undefined ? {} : { remedy: options.imageRemedy }),
    }),
    volumes,
    cgroups: root === undefined ? noCgroups : await podCgroups({ machine, files, root }),
    sources,
    logs: podLogs({ machine, files, node }),
    configs: podConfigs({ node, sources, recorder, machine, files, clock, mountsOf }),
    prober,
    pods,
    pressure: new NodePressure(),
    ...(options.untilIsolated === undefined ? {} : { untilIsolated: options.untilIsolated }),
    node: () => nodes.get(node.name),
    hostAddresses: () => node.addresses,
    recorder,
    clock,
    random,
    logger,
  };
}
