import type { Files } from '@fairway/host';
import { networkFiles } from './network-plan.ts';

/** The process that holds the network, told from any other that gets its number later. */
export interface KeptNetwork {
  readonly pid: number;
  readonly identity: string;
}

export interface NamespaceFiles {
  readonly net: string;
  readonly user: string;
}

/** The one that was kept last, whether it still runs or not. */
export async function readKept(files: Files, directory: string): Promise<KeptNetwork | undefined> {
  const bytes = await files.read(`${directory}/${networkFiles.kept}`);
  return bytes && (JSON.parse(Buffer.from(bytes).toString()) as KeptNetwork);
}

export function namespacesOf({ pid }: KeptNetwork): NamespaceFiles {
  return { net: `/proc/${pid}/ns/net`, user: `/proc/${pid}/ns/user` };
}

/** As a pod's shim holds them, in the order of `hold`, after its own three streams and the one to its agent. */
export function heldNamespaces(shimPid: number): NamespaceFiles {
  return { net: `/proc/${shimPid}/fd/4`, user: `/proc/${shimPid}/fd/5` };
}

/** What brings a program into namespaces, before its command. */
export function enteringCommand({ net, user }: NamespaceFiles, isRoot: boolean): readonly string[] {
  const users = isRoot ? [] : [`--user=${user}`, '--preserve-credentials'];
  return ['nsenter', ...users, `--net=${net}`, '--'];
}
