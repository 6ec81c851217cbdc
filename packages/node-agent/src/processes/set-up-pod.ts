import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { setUpLink } from './network/set-up-network.ts';
import type { ShimPlan } from './shim-protocol.ts';
import { diesWithParent, toolEnvironment } from './tool-environment.ts';

/** Makes what the containers of a pod share: its name, its network, its processes. */
export async function setUpPod(plan: ShimPlan): Promise<{ readonly firstPid: number | undefined }> {
  const { hostname, link, sysctls, sharesProcesses } = plan;
  if (hostname !== undefined) await run('hostname', [hostname]);
  if (link !== undefined) await setUpLink(link);
  for (const [name, value] of Object.entries(sysctls)) {
    await writeFile(`/proc/sys/${name.replaceAll('.', '/')}`, value);
  }
  return { firstPid: sharesProcesses ? await startFirstProcess() : undefined };
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
