import { isIPv4 } from 'node:net';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { LocalNodeOptions } from './local-node.ts';
import type { UpFlags } from './up-flags.ts';

const runtimes = ['auto', 'containerd'] as const;

/** Reads what runs pods on this machine; undefined: nothing. Errors: `CommandError`. */
export function readNodeFlags(
  { background, machineFiles }: Pick<CommandContext, 'background' | 'machineFiles'>,
  { node = 'none', nodeName: name, nodeIp: address }: Pick<UpFlags, 'node' | 'nodeName' | 'nodeIp'>,
): LocalNodeOptions | undefined {
  if (node === 'none') return undefined;
  const runtime = runtimes.find((each) => each === node);
  if (runtime === undefined) {
    const known = [...runtimes, 'none'].join(', ');
    throw new CommandError(`cannot use --node ${JSON.stringify(node)}: it is one of ${known}`);
  }
  if (address !== undefined && !isIPv4(address)) {
    throw new CommandError(
      `cannot use --node-ip ${JSON.stringify(address)}: it is no IPv4 address`,
    );
  }
  return {
    runtime,
    background,
    machineFiles,
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
  };
}
