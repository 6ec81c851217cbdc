import type { Clock } from '@fairway/host';
import { fileText } from '../node/file-text.ts';
import { newestFirst } from '../runtime/newest-first.ts';
import type { PodRuntime, RuntimePod } from '../runtime/pod-runtime.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { openApiRelay } from './api-relay.ts';
import { HeldPods } from './held-pods.ts';
import {
  type HeldContainer,
  type HeldSandbox,
  containerRecord,
  sandboxRecord,
} from './held-pod.ts';
import { parseUsers } from './host-users.ts';
import { networkDirectory, networkPlan } from './network/network-plan.ts';
import { openOutsideDoor } from './network/outside-door.ts';
import { PodNetwork } from './network/pod-network.ts';
import type { ProcessRuntimeOptions } from './process-runtime-options.ts';
import { gatewayOf } from './pod-addresses.ts';
import { processStreams } from './process-streams.ts';
import { mountsOf } from './process-mounts.ts';
import { usageByMounts } from './process-usage.ts';
import { processVersion } from './process-version.ts';
import { containerCalls } from './run-containers.ts';
import { sandboxCalls } from './run-sandboxes.ts';

/** A runtime that can be let go of. What it runs, runs on. */
export interface ProcessRuntime extends PodRuntime, AsyncDisposable {}

/**
 * Runs pods as processes in namespaces of the kernel, by the programs of util-linux: without a container runtime,
 * and without root where users may have namespaces. The image is the machine itself (`hostImages`). Every pod has
 * a shim, a process that holds its namespaces and keeps its containers while no agent runs.
 *
 * Pods reach each other and the API server, in a network of their own (`PodNetwork`), and services of which
 * it is told (`processNetwork`); what is not in it reaches them by `connectPort` only.
 */
export async function processRuntime(options: ProcessRuntimeOptions): Promise<ProcessRuntime> {
  const { directory, host, isRoot, podCidrs, serviceCidr, api } = options;
  await host.files.makeDirectory(directory, { mode: 0o700 });
  const lock = await host.files.lock(`${directory}.lock`);
  if (lock === undefined) {
    const why = `another node agent uses ${directory}`;
    throw new RuntimeError('failed', `${why}; stop it, or choose another directory`);
  }
  const relay = api && (await openApiRelay(directory, api));
  const outside = await openOutsideDoor(directory);
  const pods = await HeldPods.open(directory, host);
  const [podCidr] = podCidrs;
  const network = await PodNetwork.open({
    ...options,
    directory: networkDirectory(directory),
    plan:
      podCidr === undefined
        ? undefined
        : networkPlan({ gateway: gatewayOf(podCidr), serviceCidr, api }),
    holders: () => pods.shimPids(),
  });
  const users = parseUsers(await fileText(host.files, '/etc/passwd'));
  return {
    version: `process://${processVersion}`,
    problem: async () => undefined,
    listPods: async () => listPods(pods),
    ...sandboxCalls({ ...options, network }, pods),
    ...containerCalls({ ...options, users }, pods),
    ...processStreams({
      clock: host.clock,
      isRoot,
      users,
      running: (containerId) => pods.running(containerId),
      shimOf: (sandboxId) => pods.shimOf(sandboxId),
    }),
    usage: () => usage(pods, host.clock),
    async filesystems() {
      return [{ mountPoint: directory, timeMs: host.clock.now(), usedBytes: 0 }];
    },
    onChange: (listener) => pods.listen(listener),
    async [Symbol.asyncDispose]() {
      await network.close();
      await pods.close();
      await outside[Symbol.asyncDispose]();
      await relay?.[Symbol.asyncDispose]();
      await lock[Symbol.asyncDispose]();
    },
  };
}

function listPods(pods: HeldPods): readonly RuntimePod[] {
  const byUid = Map.groupBy(pods.sandboxes(), ({ kept }) => kept.config.pod.uid);
  return [...byUid.values()].map((sandboxes) => {
    const containers = sandboxes.flatMap((sandbox) =>
      [...sandbox.containers.values()].map((each) => containerRecord(each, sandbox)),
    );
    return {
      ...identityOf(sandboxes),
      sandboxes: sandboxes.map(sandboxRecord).sort(newestFirst),
      containers: containers.sort(newestFirst),
    };
  });
}

function identityOf([sandbox]: readonly HeldSandbox[]): RuntimePod {
  const { uid = '', name = '', namespace = '' } = sandbox?.kept.config.pod ?? {};
  return { uid, name, namespace, sandboxes: [], containers: [] };
}

async function usage(pods: HeldPods, clock: Clock): ReturnType<PodRuntime['usage']> {
  const used = await usageByMounts();
  const timeMs = clock.now();
  const all = pods
    .sandboxes()
    .flatMap((sandbox) =>
      [...sandbox.containers.values()].map((container) => ({ sandbox, container })),
    );
  const found = await Promise.all(
    all.map(async ({ sandbox, container }) => {
      const { pid } = runningState(container);
      const mounts = pid === undefined ? undefined : await mountsOf(pid);
      const taken = mounts === undefined ? undefined : used.get(mounts);
      if (taken === undefined) return [];
      const { cpuNanoseconds, rssBytes } = taken;
      const { id, config } = container.kept;
      const podUid = sandbox.kept.config.pod.uid;
      const whose = { containerId: id, podUid, name: config.name, timeMs };
      return [{ ...whose, cpuNanoseconds, workingSetBytes: rssBytes, rssBytes }];
    }),
  );
  return found.flat();
}

function runningState({ state }: HeldContainer): { readonly pid?: number } {
  return state.state === 'running' ? state : {};
}
