import { CommandNotFoundError, type Environment, type Processes } from '@fairway/host';
import { toolEnvironment } from './tool-environment.ts';

/** Whether this machine can run pods as processes in namespaces, and as whom. */
export type ProcessHost =
  | {
      readonly kind: 'able';
      /** Otherwise pods have one user only, in a namespace of users. */
      readonly isRoot: boolean;
    }
  | { readonly kind: 'unable'; readonly why: string };

/** What an unprivileged user becomes root by, in a namespace of its own. */
export const userNamespace: readonly string[] = ['--user', '--map-root-user'];

/** Everything that a pod takes, tried out. Source: `container-script.ts`, `set-up-pod.ts`. */
const trial = `
for tool in mount umount stat readlink sleep setpriv nsenter script stty; do
  command -v $tool >/dev/null || { echo "there is no program $tool"; exit 1; }
done
hostname fairway && ip link add eth0 type veth peer name eth1 &&
  mount -t proc proc /proc && mount -t tmpfs none /proc/driver
`;

/** Looks at the machine. Starts nothing that lasts. */
export async function processHost(host: {
  readonly processes: Processes;
  readonly environment: Environment;
}): Promise<ProcessHost> {
  if (host.environment.platform !== 'linux') {
    return { kind: 'unable', why: 'pods need Linux' };
  }
  const causes: string[] = [];
  for (const isRoot of [true, false]) {
    const cause = await tryOut(host.processes, isRoot ? [] : userNamespace);
    if (cause === undefined) return { kind: 'able', isRoot };
    causes.push(cause);
  }
  return {
    kind: 'unable',
    why: `namespaces of the kernel cannot be made (${causes.at(-1)}): run it as root, or let users have them`,
  };
}

async function tryOut(processes: Processes, flags: readonly string[]): Promise<string | undefined> {
  const namespaces = ['--net', '--uts', '--ipc', '--mount', '--pid', '--fork'];
  try {
    const { exitCode, output } = await processes.run({
      file: 'sh',
      arguments: [
        '-c',
        'exec 2>&1; exec "$@"',
        'sh',
        'unshare',
        ...flags,
        ...namespaces,
        'sh',
        '-ec',
        trial,
      ],
      environment: toolEnvironment(false),
      input: 'none',
      outputBytesMax: 64 * 1024,
      timeoutMs: 20_000,
    });
    if (exitCode === 0) return undefined;
    return Buffer.from(output).toString().trim().split('\n')[0] ?? '';
  } catch (error) {
    if (error instanceof CommandNotFoundError) return error.message;
    throw error;
  }
}
