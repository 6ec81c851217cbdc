import { join } from 'node:path';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { DisposalStack } from '@fairway/host';
import { type CommandLine, commandLine, scratchFolder } from './command-line.ts';

/** The cluster of a folder, which has no node of its own, and a shell there. */
export interface ClusterWithoutNode extends AsyncDisposable {
  /** Of the folder. */
  readonly path: string;
  readonly shell: CommandLine;
  readonly admin: ConnectedClient;
}

export async function openClusterWithoutNode(): Promise<ClusterWithoutNode> {
  await using started = new DisposalStack();
  const { path } = started.use(await scratchFolder());
  const kubeconfig = join(path, '.fairway/kubeconfig');
  const shell = commandLine(path, { KUBECONFIG: kubeconfig });
  const cluster = shell.start('up', '--node', 'none', '--memory', '--listen', '127.0.0.1:0');
  started.use(cluster);
  await cluster.until('Stop it with');
  const admin = started.use(await connect({ kubeconfig }));
  const all = started.move();
  return { path, shell, admin, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}
