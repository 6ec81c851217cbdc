import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { joinCluster } from '../joining/join-cluster.ts';
import { type JoinFlags, readJoinFlags } from '../joining/join-flags.ts';
import { nodeFiles } from '../joining/joined-cluster.ts';
import { runJoinedNode } from '../joining/run-joined-node.ts';
import { type NodeFlags, readNodeFlags } from '../local-node/node-flags.ts';
import { lineLogger } from '../output/line-logger.ts';
import { quotedPath } from '../quoted-path.ts';

export interface NodeCommandFlags extends JoinFlags, NodeFlags {
  readonly dataDir: string;
  readonly port: string;
}

/** Has this machine join a cluster, and is a node of it until the user wants an end. */
export async function node(context: CommandContext, flags: NodeCommandFlags): Promise<void> {
  const { output, signal } = context;
  const host = { ...context.host, logger: lineLogger(output, context.host.clock) };
  const { workingDirectory, hostName } = host.environment;
  const wish = readJoinFlags(flags, workingDirectory);
  const options = readNodeFlags(context, flags);
  if (options === undefined) {
    throw new CommandError(
      'a node that joins runs pods: leave --node out, or say containerd or process',
    );
  }
  const port = readPort(flags.port);
  const dataDirectory = resolve(workingDirectory, flags.dataDir);
  const nodeName = options.name ?? hostName.toLowerCase();
  await host.files.makeDirectory(dataDirectory, { mode: 0o700 });
  await using lock = await host.files.lock(nodeFiles(dataDirectory).lock);
  if (lock === undefined) {
    const remedy = 'stop it, or name another folder with --data-dir';
    throw new CommandError(`a node runs on ${quotedPath(dataDirectory)} already; ${remedy}`);
  }
  try {
    const joined = await joinCluster(host, { dataDirectory, nodeName, wish }, signal);
    const sayReady = (pods: string): Promise<void> =>
      output.write(
        `Node ${nodeName} of ${joined.server}: pods run in ${pods}\nIt needs no token from now on. Stop it with Ctrl-C.\n`,
      );
    await runJoinedNode(
      host,
      joined,
      { dataDirectory, nodeName, node: options, port, sayReady },
      signal,
    );
  } catch (error) {
    // Whoever wants an end while it joins or waits gets it.
    if (!signal.aborted) throw error;
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CommandError(
    `cannot use --port ${JSON.stringify(text)}: give a number, or 0 for a free one`,
  );
}
