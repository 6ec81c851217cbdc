import { DisposalStack } from '@fairway/host';
import { Node } from '@fairway/kinds/core/v1';
import { clientAs } from '@fairway/reconcile';
import { pauseImage } from '../containerd/pause-image.ts';
import { logRotation, rotateLogs } from '../container-logs/rotate-logs.ts';
import { evictPods } from '../eviction/evict-pods.ts';
import { ImageGarbage, collectImages } from '../images/image-garbage.ts';
import { readMachine } from '../node/machine.ts';
import { registerNode, speakForNode } from '../node/speak-for-node.ts';
import { followNodePods } from '../pod-worker/follow-node-pods.ts';
import { WantedPods } from '../pod-worker/wanted-pods.ts';
import { followManifests } from '../static-pods/follow-manifests.ts';
import { keepMirrorPods } from '../static-pods/mirror-pods.ts';
import { StaticPods } from '../static-pods/static-pods.ts';
import { endPods } from './end-pods.ts';
import type { NodeAgentOptions, NodeRuntime } from './node-agent-options.ts';
import { type NodeApi, followNodeApi, nodeUser, podCidr } from './node-api.ts';
import { type PodParts, openPodParts } from './open-pod-parts.ts';
import { readNodeFacts } from './read-node-facts.ts';
import { nodeEvictions } from './node-evictions.ts';
import { reportNode } from './report-node.ts';
import { serveKubeletApi } from './serve-kubelet-api.ts';

/**
 * Is a node of a cluster until the signal aborts: registers it, runs the pods that are bound to it, and answers
 * for their logs, commands and ports. Unless it is to end them, what runs then goes on without the agent, and the
 * next one takes it up.
 *
 * Errors: what the API and the runtime answer at the start.
 */
export async function runNodeAgent(options: NodeAgentOptions, signal: AbortSignal): Promise<void> {
  const ending = new AbortController();
  try {
    await runUntil(AbortSignal.any([signal, ending.signal]), options);
  } finally {
    // One that has failed follows nothing any more: another may be run in its place.
    ending.abort();
  }
}

async function runUntil(signal: AbortSignal, options: NodeAgentOptions): Promise<void> {
  const { name, address, files, clock, random, logger, rootDirectory } = options;
  const { labels = {}, taints = [] } = options;
  await files.makeDirectory(rootDirectory, { mode: 0o750 });
  const machine = await readMachine(options, rootDirectory);
  const client = clientAs(options, nodeUser(name), 'kubelet/fairway');
  const { hostName, info } = machine;
  const registration = { name, hostName, info, labels, taints };
  await registerNode({ client, registration });
  const api = followNodeApi(client, options, signal);
  const { informers, recorder, nodes, bound } = api;
  const staticPods = new StaticPods();
  const pods = new WantedPods({ bound, staticPods, client });
  await using opened = new DisposalStack();
  const nodeRuntime = opened.use(await options.openRuntime([await podCidr(nodes, name)]));
  const { runtime, images } = nodeRuntime;
  const node = await readNodeFacts(options, machine);
  const parts = await openPodParts(options, { api, pods, node, nodeRuntime, signal }, opened);
  const served = opened.use(await serveKubeletApi(options, { runtime, pods }));
  const { port } = served;
  const speaker = speakForNode({
    client,
    informers,
    recorder,
    registration,
    report: () =>
      reportNode({ machine, runtime, images, address, port, pressures: parts.pressure.conditions }),
    clock,
    random,
    logger,
  });
  const garbage = imageGarbage(options, { nodeRuntime, api });
  await Promise.all([
    speaker.run({ signal }),
    runStaticPods(options, { api, staticPods }, signal),
    rotateLogs({ runtime, clock, logger }, logRotation, signal),
    collectImages(garbage, options, signal),
    evictPods(nodeEvictions(options, { parts, node, garbage }), signal),
    followNodePods(parts, signal),
    options.serving.keep?.((tls) => served.replaceTls(tls), signal),
  ]);
  if (options.endsPods) await endAll(parts, nodeRuntime);
  await recorder.flushed();
}

/** Follows the manifests of static pods, and shows them to the API. */
async function runStaticPods(
  { name, manifests, files, machineFiles: machine, clock, random, logger }: NodeAgentOptions,
  { api, staticPods }: { readonly api: NodeApi; readonly staticPods: StaticPods },
  signal: AbortSignal,
): Promise<void> {
  const { client, nodes, bound: pods } = api;
  const node = () => nodes.get(name);
  await Promise.all([
    followManifests(
      { manifests, staticPods, nodeName: name, files, machine, clock, logger },
      signal,
    ),
    keepMirrorPods({ staticPods, pods, node, client, clock, random, logger }, signal),
  ]);
}

async function endAll(parts: PodParts, nodeRuntime: NodeRuntime): Promise<void> {
  try {
    await endPods(parts);
  } finally {
    await nodeRuntime.end?.();
  }
}

function imageGarbage(
  { name, machineFiles, rootDirectory, clock, logger }: NodeAgentOptions,
  of: { readonly nodeRuntime: NodeRuntime; readonly api: NodeApi },
): ImageGarbage {
  const { nodeRuntime, api } = of;
  return new ImageGarbage({
    runtime: nodeRuntime.runtime,
    store: nodeRuntime.images,
    sandboxImage: nodeRuntime.sandboxImage ?? pauseImage,
    room: () => machineFiles.fileSystem(rootDirectory),
    record(event) {
      const node = api.nodes.get(name);
      if (node !== undefined) api.recorder.record(Node, node, event);
    },
    clock,
    logger,
  });
}
