import { type Clock, type Random, messageOf } from '@fairway/host';
import type { ContainerCalls, PodRuntime, SandboxCalls } from '../runtime/pod-runtime.ts';
import { asRuntimeError, unlessGone } from './as-runtime-error.ts';
import { ChangeEvents } from './change-events.ts';
import { containerMessage } from './container-message.ts';
import type { CriClient } from './cri-client.ts';
import { CriStreams } from './cri-streams.ts';
import { PodLooks } from './pod-looks.ts';
import { containerUsage, filesystemUsage } from './read-records.ts';
import { resourcesMessage } from './resources-message.ts';
import { sandboxMessage } from './sandbox-message.ts';

/** Beyond the time that a container has to end, as a kubelet waits. */
const stopSlackMs = 120_000;

/** A runtime whose connections can be let go of. What it runs, runs on. */
export interface CriRuntime extends PodRuntime, AsyncDisposable {}

/**
 * A container runtime that speaks CRI, runtime.v1: containerd from 1.6 on.
 *
 * Errors: `RuntimeError` when it does not answer.
 */
export async function criRuntime(
  client: CriClient,
  machine: { readonly clock: Clock; readonly random: Random },
): Promise<CriRuntime> {
  const { runtimeName, runtimeVersion } = await client.call('Version', {});
  const looks = new PodLooks(client);
  const changes = new ChangeEvents({ client, looks, clock: machine.clock });
  const streams = new CriStreams(client, machine);
  return {
    version: `${runtimeName}://${runtimeVersion}`,
    execToEnd: streams.execToEnd,
    exec: streams.exec,
    attach: streams.attach,
    connectPort: streams.connectPort,
    ...sandboxCalls(client),
    ...containerCalls(client, looks),
    problem: () => problemOf(client),
    listPods: () => looks.look(),
    async usage() {
      const { stats = [] } = await client.call('ListContainerStats', {});
      return stats.flatMap((each) => {
        const podUid = looks.podUidOf(each.attributes?.id ?? '');
        return podUid === undefined ? [] : (containerUsage(each, podUid) ?? []);
      });
    },
    async filesystems() {
      const { imageFilesystems = [] } = await client.call('ImageFsInfo', {});
      return imageFilesystems.map(filesystemUsage);
    },
    onChange: (listener) => changes.listen(listener),
    async [Symbol.asyncDispose]() {
      changes.close();
      await streams.close();
    },
  };
}

function sandboxCalls(client: CriClient): SandboxCalls {
  return {
    async startSandbox(config) {
      const { runtimeHandler = '' } = config;
      const request = { config: sandboxMessage(config), runtimeHandler };
      const { podSandboxId = '' } = await client.call('RunPodSandbox', request);
      return podSandboxId;
    },
    async stopSandbox(podSandboxId) {
      await unlessGone(client.call('StopPodSandbox', { podSandboxId }));
    },
    async removeSandbox(podSandboxId) {
      await unlessGone(client.call('RemovePodSandbox', { podSandboxId }));
    },
  };
}

function containerCalls(client: CriClient, looks: PodLooks): ContainerCalls {
  return {
    async createContainer(podSandboxId, config, sandbox) {
      const { containerId = '' } = await client.call('CreateContainer', {
        podSandboxId,
        config: containerMessage(config, sandbox),
        sandboxConfig: sandboxMessage(sandbox),
      });
      return containerId;
    },
    async startContainer(containerId) {
      await client.call('StartContainer', { containerId });
    },
    async stopContainer(containerId, { graceMs }) {
      const request = { containerId, timeout: Math.ceil(graceMs / 1_000) };
      const stopped = client.call('StopContainer', request, { timeoutMs: graceMs + stopSlackMs });
      await unlessGone(stopped);
    },
    async removeContainer(containerId) {
      await unlessGone(client.call('RemoveContainer', { containerId }));
    },
    containerRecord: (containerId) => looks.findContainer(containerId),
    async resizeContainer(containerId, resources) {
      const linux = resourcesMessage(resources);
      await client.call('UpdateContainerResources', { containerId, linux });
    },
    async reopenLog(containerId) {
      await client.call('ReopenContainerLog', { containerId });
    },
  };
}

/** Source: runtime.v1 RuntimeCondition: RuntimeReady and NetworkReady are required. */
async function problemOf(client: CriClient): Promise<string | undefined> {
  try {
    const { status } = await client.call('Status', {});
    const unmet = (status?.conditions ?? []).filter(
      ({ type = '', status: isMet }) => /^(Runtime|Network)Ready$/.test(type) && isMet !== true,
    );
    if (unmet.length === 0) return undefined;
    return unmet.map(({ type, reason, message }) => `${type}: ${reason}: ${message}`).join('; ');
  } catch (error) {
    return messageOf(asRuntimeError(error));
  }
}
