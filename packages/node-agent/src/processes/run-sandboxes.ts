import { type Clock, sleep } from '@fairway/host';
import type { SandboxCalls } from '../runtime/pod-runtime.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';
import { relaySocket } from './api-relay.ts';
import type { HeldPods } from './held-pods.ts';
import type { HeldSandbox, KeptShim } from './held-pod.ts';
import { freeAddress } from './pod-addresses.ts';
import { userNamespace } from './process-host.ts';
import type { ProcessRuntimeOptions } from './process-runtime-options.ts';
import { refuseSandbox } from './refuse-config.ts';
import { startShim } from './shim-client.ts';
import type { ShimPlan } from './shim-protocol.ts';

/** How long a shim may take to end what it keeps, and a killed one to be gone. */
const endTimeoutMs = 10_000;
const lookMs = 20;

export function sandboxCalls(options: ProcessRuntimeOptions, pods: HeldPods): SandboxCalls {
  return {
    startSandbox: (config) => startSandbox(config, options, pods),
    async stopSandbox(sandboxId) {
      const sandbox = pods.find(sandboxId);
      if (sandbox !== undefined) await stopSandbox(sandbox, options, pods);
    },
    async removeSandbox(sandboxId) {
      const sandbox = pods.find(sandboxId);
      if (sandbox === undefined) return;
      await stopSandbox(sandbox, options, pods);
      await pods.folder.removeSandbox(sandboxId);
      pods.forget(sandboxId);
    },
  };
}

async function startSandbox(
  config: SandboxConfig,
  options: ProcessRuntimeOptions,
  pods: HeldPods,
): Promise<string> {
  refuseSandbox(config);
  const { host, podCidrs, nodeProgram, isRoot } = options;
  const id = Buffer.from(host.random.bytes(32)).toString('hex');
  const hasNetwork = config.namespaces.network === 'pod';
  const taken = new Set(pods.sandboxes().flatMap(({ kept }) => kept.address ?? []));
  const address = hasNetwork ? { address: freeAddress(podCidrs[0] ?? '', taken) } : {};
  const kept = { id, config, createdMs: host.clock.now(), ...address };
  const sandbox = pods.add(kept);
  try {
    await pods.folder.makeSandbox(kept, planOf(config, options, kept.address));
    const shim = await startShim({
      directory: pods.folder.folderOf(id),
      nodeProgram,
      namespaces: [...(isRoot ? [] : userNamespace), ...namespacesOf(config)],
    });
    const identity = (await host.background.identityOf(shim.pid)) ?? '';
    sandbox.kept = { ...kept, shim: { ...shim, identity } };
    await pods.folder.keepSandbox(sandbox.kept);
    await pods.follow(sandbox);
    return id;
  } catch (error) {
    await stopSandbox(sandbox, options, pods);
    await pods.folder.removeSandbox(id);
    pods.forget(id);
    throw error;
  }
}

function planOf(
  { hostname, sysctls, namespaces }: SandboxConfig,
  { api }: ProcessRuntimeOptions,
  address: string | undefined,
): ShimPlan {
  const relay = api && {
    address: api.serviceAddress,
    port: api.servicePort,
    socketPath: `../${relaySocket}`,
  };
  return {
    hostname: hostname === '' ? undefined : hostname,
    address,
    relays: relay === undefined ? [] : [relay],
    sysctls,
    sharesProcesses: namespaces.pid === 'pod',
  };
}

function namespacesOf({ hostname, namespaces }: SandboxConfig): readonly string[] {
  return [
    ...(namespaces.network === 'pod' ? ['--net'] : []),
    ...(namespaces.ipc === 'pod' ? ['--ipc'] : []),
    ...(hostname ? ['--uts'] : []),
  ];
}

async function stopSandbox(
  sandbox: HeldSandbox,
  { host }: ProcessRuntimeOptions,
  pods: HeldPods,
): Promise<void> {
  const { shim, kept } = sandbox;
  if (shim !== undefined) {
    const ended = shim.ask({ kind: 'end' }).catch(() => {}); // It is killed then.
    await Promise.race([ended, sleep(host.clock, endTimeoutMs)]);
  }
  if (kept.shim !== undefined) await killShim(kept.shim, host);
  await pods.lose(sandbox);
  const { shim: _, address: __, ...rest } = kept;
  sandbox.kept = rest;
  await pods.folder.keepSandbox(rest);
}

/** What runs below it ends with it. */
async function killShim(
  { pid, identity }: KeptShim,
  { background, clock }: ProcessRuntimeOptions['host'] & { readonly clock: Clock },
): Promise<void> {
  for (let waitedMs = 0; waitedMs < endTimeoutMs; waitedMs += lookMs) {
    if ((await background.identityOf(pid)) !== identity) return;
    background.signal(pid, 'SIGKILL');
    await sleep(clock, lookMs);
  }
}
