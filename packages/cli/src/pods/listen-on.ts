import { carryConnections } from '@fairway/client/streams';
import { type DisposalStack, messageOf } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import type { FollowedPod } from './followed-pod.ts';
import type { ForwardedPort } from './forwarded-ports.ts';
import type { LocalAddress } from './local-addresses.ts';

/** What a local port needs to lead into a pod. */
export interface Forwarding {
  readonly addresses: readonly LocalAddress[];
  readonly output: CommandContext['output'];
  readonly followed: FollowedPod;
  /** Holds what listens. */
  readonly stack: DisposalStack;
}

/**
 * Listens on a port at every address, and carries what comes into the pod; what is wrong with one connection is told, and
 * no other's business. Answers whether it is reached where it has to be.
 */
export async function listenOn(
  { local, remote, remoteIn }: ForwardedPort,
  { addresses, output, followed, stack }: Forwarding,
): Promise<boolean> {
  let localPort = local;
  const tell = (text: string): void => void output.writeError(`${text}\n`);
  const connect = async () => {
    await output.write(`Handling connection for ${localPort}\n`);
    return await followed.connect(remoteIn);
  };
  let [bound, missing] = [0, 0];
  for (const { address, isOneOfSeveral } of addresses) {
    try {
      const forward = await carryConnections(connect, {
        localPort,
        localAddress: address,
        onConnectionFailed: (failure) =>
          tell(`error forwarding ${localPort} -> ${remote}: ${messageOf(failure)}`),
      });
      stack.use(forward);
      localPort = forward.localPort;
      bound += 1;
      const host = address.includes(':') ? `[${address}]` : address;
      await output.write(`Forwarding from ${host}:${localPort} -> ${remote}\n`);
    } catch (error) {
      tell(`Unable to listen on port ${localPort} of ${address}: ${messageOf(error)}`);
      if (!isOneOfSeveral) missing += 1;
    }
  }
  return bound > 0 && missing === 0;
}
