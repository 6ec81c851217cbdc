import { fileURLToPath } from 'node:url';
import { type Clock, sleep } from '@fairway/host';
import type { SandboxCalls } from '../runtime/pod-runtime.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';
import type { HeldPods } from './held-pods.ts';
import type { HeldSandbox, KeptSandbox, KeptShim } from './held-pod.ts';
import type { PodNetwork } from './network/pod-network.ts';
import { freeAddress } from './pod-addresses.ts';
import { userNamespace } from './process-host.ts';
import type { ProcessRuntimeOptions } from './process-runtime-options.ts';
import { refuseSandbox } from './refuse-config.ts';
import { type ShimBegun, type ShimPlan, type ShimReady, shimFiles } from './shim-protocol.ts';
import { StartingProgram } from './starting-program.ts';

/** How long a shim may take to end what it keeps, and a killed one to be gone. */
const endTimeoutMs = 10_000;
const lookMs = 20;

export interface SandboxOptions extends ProcessRuntimeOptions {
  /** In which pods are that are not in the machine's. */
  readonly network: PodNetwork;
}

export function sandboxCalls(options: SandboxOptions, pods: HeldPods): SandboxCalls {
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
  options: SandboxOptions,
  pods: HeldPods,
): Promise<string> {
  refuseSandbox(config);
  const { host, podCidrs } = options;
  const id = Buffer.from(host.random.bytes(32)).toString('hex');
  const hasNetwork = config.namespaces.network === 'pod';
  const taken = new Set(pods.sandboxes().flatMap(({ kept }) => kept.address ?? []));
  const address = hasNetwork ? { address: freeAddress(podCidrs[0] ?? '', taken) } : {};
  const kept = { id, config, createdMs: host.clock.now(), ...address };
  const sandbox = pods.add(kept);
  try {
    await pods.folder.makeSandbox(kept);
    const shim = await startShim(kept, options, pods);
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

/** The shim of a pod in its namespaces, and the pod's link to the others. */
async function startShim(
  { id, config, address }: KeptSandbox,
  { nodeProgram, isRoot, network }: SandboxOptions,
  pods: HeldPods,
): Promise<ShimReady> {
  const { hostname, sysctls, namespaces } = config;
  const link = address === undefined ? undefined : { address, gateway: network.gateway };
  if (link !== undefined) await network.start();
  const plan: ShimPlan = {
    hostname: hostname === '' ? undefined : hostname,
    link,
    sysctls,
    sharesProcesses: namespaces.pid === 'pod',
  };
  await pods.folder.write(id, shimFiles.plan, plan);
  const held = link === undefined ? [] : await network.hold();
  try {
    const shim = await StartingProgram.start({
      directory: pods.folder.folderOf(id),
      logName: shimFiles.log,
      nodeProgram,
      program: fileURLToPath(import.meta.resolve('@fairway/node-agent/pod-shim')),
      enter: [
        ...(link === undefined ? [] : network.enterUsers()),
        'unshare',
        ...(isRoot ? [] : userNamespace),
        ...namespacesOf(config),
      ],
      held,
    });
    try {
      const { pid } = await shim.said<ShimBegun>();
      if (link !== undefined) await network.link(link, { sandboxId: id, pid });
      shim.goOn();
      return await shim.said<ShimReady>();
    } finally {
      shim.leave();
    }
  } finally {
    for (const each of held) await each.close();
  }
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
