import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Relay, ShimPlan } from './shim-protocol.ts';
import { diesWithParent, toolEnvironment } from './tool-environment.ts';

/** Makes what the containers of a pod share: its name, its network and the way to the API, its processes. */
export async function setUpPod(plan: ShimPlan): Promise<{ readonly firstPid: number | undefined }> {
  const { hostname, address, relays, sysctls, sharesProcesses } = plan;
  if (hostname !== undefined) await run('hostname', [hostname]);
  if (address !== undefined) await setUpNetwork(address, relays);
  for (const [name, value] of Object.entries(sysctls)) {
    await writeFile(`/proc/sys/${name.replaceAll('.', '/')}`, value);
  }
  return { firstPid: sharesProcesses ? await startFirstProcess() : undefined };
}

/** A network that leads nowhere but to the relays; programs find the interface that they look for. */
async function setUpNetwork(address: string, relays: readonly Relay[]): Promise<void> {
  const [own, other] = ['eth0', 'eth0-peer'];
  await run('ip', ['link', 'set', 'lo', 'up']);
  await run('ip', ['link', 'add', own, 'type', 'veth', 'peer', 'name', other]);
  await run('ip', ['addr', 'add', `${address}/32`, 'dev', own]);
  for (const name of [own, other]) await run('ip', ['link', 'set', name, 'up']);
  for (const each of new Set(relays.map((relay) => relay.address))) {
    await run('ip', ['addr', 'add', `${each}/32`, 'dev', 'lo']);
  }
  await Promise.all(relays.map(openRelay));
}

async function openRelay({ address, port, socketPath }: Relay): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ path: socketPath, allowHalfOpen: true });
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroySoon());
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroySoon());
    inner.pipe(outer);
    outer.pipe(inner);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, address, resolve);
  });
}

/** It buries those whose parents have ended, as the kernel does for whoever ignores the end of children. */
const firstProcessScript = `
read -r pid _ </proc/self/stat
echo "$pid" >&3
exec 3>&-
exec env --ignore-signal=CHLD setpriv --pdeathsig=KILL sleep infinity
`;

async function startFirstProcess(): Promise<number> {
  const namespace = ['unshare', '--pid', '--fork', '--kill-child=KILL'];
  const words = [...diesWithParent, ...namespace, 'sh', '-c', firstProcessScript];
  const [file = '', ...args] = words;
  const child = spawn(file, args, {
    detached: true,
    env: toolEnvironment(false),
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const lines = createInterface(child.stdio[3] as Readable);
  for await (const line of lines) return Number(line);
  throw new Error('the first process of the pod has not begun');
}

async function run(file: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(file, [...args], { env: toolEnvironment(false) });
}
