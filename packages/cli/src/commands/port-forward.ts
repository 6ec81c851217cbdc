import type { Pod, Service } from '@fairway/kinds/core/v1';
import { DisposalStack } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { typeNameOf } from '../output/type-name.ts';
import { podsOf, readPodOwner, readPodTimeout } from '../pods/find-pods.ts';
import { FollowedPod } from '../pods/followed-pod.ts';
import { readForwardedPort } from '../pods/forwarded-ports.ts';
import { listenOn } from '../pods/listen-on.ts';
import { readLocalAddresses } from '../pods/local-addresses.ts';
import { podGroupOf } from '../pods/pod-group.ts';
import { byActivity } from '../pods/pod-order.ts';
import { selecting } from '../selection/select-objects.ts';

export interface PortForwardFlags extends ClusterFlags {
  readonly address?: readonly string[];
  readonly podRunningTimeout: string;
}

/** Carries connections to local ports into a pod, and into another one of its workload when that goes. */
export async function portForward(
  context: CommandContext,
  words: readonly string[],
  flags: PortForwardFlags,
): Promise<void> {
  const [subject, ...texts] = words;
  if (subject === undefined || texts.length === 0) {
    throw new CommandError('TYPE/NAME and list of ports are required for port-forward');
  }
  const addresses = readLocalAddresses(flags.address ?? ['localhost']);
  const waitMs = readPodTimeout(flags.podRunningTimeout);
  const { output, signal } = context;
  await using stack = new DisposalStack();
  const client = stack.use(await openClient(context, flags));
  const task = selecting(context, client, flags);
  const owner = await readPodOwner(task, subject);
  const [first] = await podsOf(task, owner, { order: byActivity, waitMs });
  requireRunning(first);
  const service = typeNameOf(owner.resource) === 'service' ? (owner.object as Service) : undefined;
  const ports = texts.map((text) => readForwardedPort(text, { pod: first, service }));
  const group = await podGroupOf(task, owner);
  const onMove = (text: string): void => void output.writeError(`${text}\n`);
  const followed = stack.use(new FollowedPod({ client, group, first, signal, onMove }));
  await followed.open();
  let isReached = false;
  for (const port of ports) {
    if (await listenOn(port, { addresses, output, followed, stack })) isReached = true;
  }
  if (!isReached) {
    throw new CommandError(
      'unable to listen on any of the requested ports: name others, or :REMOTE for free ones',
    );
  }
  await followed.follow();
}

function requireRunning({ status }: Pod): void {
  const { phase = 'Unknown' } = status ?? {};
  if (phase === 'Running') return;
  throw new CommandError(
    `unable to forward port because pod is not running. Current status=${phase}`,
  );
}
