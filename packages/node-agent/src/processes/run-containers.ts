import { type Clock, sleep } from '@fairway/host';
import { fileText } from '../node/file-text.ts';
import type { ContainerConfig } from '../runtime/container.ts';
import type { ContainerCalls } from '../runtime/pod-runtime.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { DnsConfig } from '../runtime/sandbox.ts';
import { containerLaunch, hostsPath } from './container-launch.ts';
import { type HeldPods, notFound } from './held-pods.ts';
import { type HeldContainer, type HeldSandbox, containerRecord } from './held-pod.ts';
import type { HostUser } from './host-users.ts';
import type { ProcessRuntimeOptions } from './process-runtime-options.ts';
import { refuseContainer } from './refuse-config.ts';

/** How long a killed container may take to be gone. */
const killTimeoutMs = 30_000;

interface ContainerParts extends ProcessRuntimeOptions {
  readonly users: readonly HostUser[];
}

export function containerCalls(parts: ContainerParts, pods: HeldPods): ContainerCalls {
  return {
    async createContainer(sandboxId, config) {
      const sandbox = pods.find(sandboxId);
      if (sandbox === undefined) throw notFound('sandbox', sandboxId);
      refuseContainer(config, parts);
      const id = Buffer.from(parts.host.random.bytes(32)).toString('hex');
      const kept = { id, sandboxId, config, createdMs: parts.host.clock.now() };
      await pods.folder.keepContainer(kept);
      sandbox.containers.set(id, { kept, state: { id, state: 'created' } });
      return id;
    },
    startContainer: (containerId) => startContainer(containerId, parts, pods),
    async stopContainer(containerId, { graceMs }) {
      const found = pods.findContainer(containerId);
      if (found !== undefined) await stopContainer(found.container, { graceMs, parts, pods });
    },
    async removeContainer(containerId) {
      const found = pods.findContainer(containerId);
      if (found === undefined) return;
      const { container, sandbox } = found;
      await stopContainer(container, { graceMs: 0, parts, pods });
      await pods.folder.removeContainer(container.kept);
      sandbox.containers.delete(containerId);
    },
    async containerRecord(containerId) {
      const found = pods.findContainer(containerId);
      return found && containerRecord(found.container, found.sandbox);
    },
    async resizeContainer(containerId) {
      if (pods.findContainer(containerId) === undefined) throw notFound('container', containerId);
      throw new RuntimeError(
        'unsupported',
        'this node does not limit what containers take; run it with containerd (--node containerd)',
      );
    },
    async reopenLog(containerId) {
      const { shim } = pods.running(containerId);
      await shim.ask({ kind: 'reopen-log', id: containerId });
    },
  };
}

async function startContainer(
  containerId: string,
  parts: ContainerParts,
  pods: HeldPods,
): Promise<void> {
  const found = pods.findContainer(containerId);
  if (found === undefined) throw notFound('container', containerId);
  const { container, sandbox } = found;
  if (container.state.state !== 'created') {
    throw new RuntimeError('failed', `container ${containerId} has been started already`);
  }
  const shim = pods.shimOf(sandbox.kept.id);
  const { config } = sandbox.kept;
  const launch = containerLaunch(containerId, container.kept.config, {
    sandbox: config,
    users: parts.users,
    isRoot: parts.isRoot,
    hiddenDirectory: parts.hiddenDirectory,
    hostsFile: await writeHosts(container, sandbox, { parts, pods }),
    resolvConf:
      config.dns &&
      (await pods.folder.write(sandbox.kept.id, 'resolv.conf', resolvConf(config.dns))),
    processesOf: processesOf(container.kept.config, sandbox, pods),
  });
  await shim.ask({ kind: 'start', launch });
}

/** Names of the API beside those that the pod has: nobody answers for names in its network. */
async function writeHosts(
  { kept }: HeldContainer,
  sandbox: HeldSandbox,
  { parts, pods }: { readonly parts: ContainerParts; readonly pods: HeldPods },
): Promise<string | undefined> {
  const given = kept.config.mounts.find(({ containerPath }) => containerPath === hostsPath);
  const { api, host } = parts;
  if (given === undefined || api === undefined) return undefined;
  if (sandbox.kept.config.namespaces.network !== 'pod') return undefined;
  const text = await fileText(host.files, given.hostPath);
  const [domain = 'cluster.local'] = (sandbox.kept.config.dns?.searches ?? []).flatMap(
    (search) => /^svc\.(.+)$/.exec(search)?.[1] ?? [],
  );
  const names = ['kubernetes', 'default', 'svc', domain].map((_, index, all) =>
    all.slice(0, index + 1).join('.'),
  );
  const line = `${api.serviceAddress}\t${names.join('\t')}\n`;
  return pods.folder.write(kept.sandboxId, `${kept.id}.hosts`, text + line);
}

/** Source: resolv.conf(5). */
function resolvConf({ servers, searches, options }: DnsConfig): string {
  return [
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}`]),
    '',
  ].join('\n');
}

function processesOf(
  { targetContainerId }: ContainerConfig,
  { kept }: HeldSandbox,
  pods: HeldPods,
): number | undefined {
  if (targetContainerId !== undefined) return pods.running(targetContainerId).container.state.pid;
  return kept.config.namespaces.pid === 'pod' ? kept.shim?.firstPid : undefined;
}

async function stopContainer(
  container: HeldContainer,
  of: { readonly graceMs: number; readonly parts: ContainerParts; readonly pods: HeldPods },
): Promise<void> {
  const { background, clock } = of.parts.host;
  const isOver = (): boolean => container.state.state !== 'running';
  const { pid } = container.state;
  if (isOver() || pid === undefined) return;
  if (of.graceMs > 0) {
    background.signal(pid, 'SIGTERM');
    if (await waitUntil(isOver, { ...of, clock, timeoutMs: of.graceMs })) return;
  }
  background.signal(pid, 'SIGKILL');
  if (await waitUntil(isOver, { ...of, clock, timeoutMs: killTimeoutMs })) return;
  throw new RuntimeError('timeout', `container ${container.kept.id} was killed and has not ended`);
}

/** False when the time is over. */
async function waitUntil(
  isSo: () => boolean,
  of: { readonly pods: HeldPods; readonly clock: Clock; readonly timeoutMs: number },
): Promise<boolean> {
  const done = new AbortController();
  using _ = of.pods.listen(() => isSo() && done.abort());
  if (isSo()) return true;
  await sleep(of.clock, of.timeoutMs, done.signal).catch(() => {}); // It is so.
  return isSo();
}
