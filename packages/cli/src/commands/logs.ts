import { Pod } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { nothingFound } from '../output/nothing-found.ts';
import { openClient } from '../connection/open-client.ts';
import { podsOf, readPodOwner } from '../pods/find-pods.ts';
import { type LogWish, type LogsFlags, readLogWish } from '../pods/log-wish.ts';
import { containerNames, pickContainer } from '../pods/pick-container.ts';
import { byLogging } from '../pods/pod-order.ts';
import { type ContainerLog, printInTurn, printTogether } from '../pods/print-logs.ts';
import { type Selecting, selecting } from '../selection/select-objects.ts';

/** Prints the logs of containers. */
export async function logs(
  context: CommandContext,
  words: readonly string[],
  flags: LogsFlags,
): Promise<void> {
  const wish = readLogWish(words, flags);
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const found: ContainerLog[] = [];
  for (const pod of await podsWanted(task, wish)) found.push(...(await logsOf(context, pod, wish)));
  const { isFollowed, followedMax, ignoresErrors, part } = wish;
  const { hasPrefix = context.output.hasColors && found.length > 1 } = wish;
  const printing = { client, context, part, hasPrefix, ignoresErrors };
  if (!isFollowed || found.length < 2) return await printInTurn(printing, found);
  if (found.length > followedMax) {
    throw new CommandError(
      `you are attempting to follow ${found.length} log streams, but maximum allowed concurrency is ${followedMax}, use --max-log-requests to increase the limit`,
    );
  }
  await printTogether(printing, found);
}

async function podsWanted(task: Selecting, wish: LogWish): Promise<readonly Pod[]> {
  const { client, context } = task;
  const { output, signal } = context;
  const { subject, selector, hasAllPods, waitMs } = wish;
  if (subject === undefined) {
    const list = client.list(Pod, {
      signal,
      ...(selector === undefined ? {} : { labelSelector: selector }),
    });
    const { items } = await list.all();
    if (items.length === 0) {
      await output.writeError(nothingFound(client.namespace));
    }
    return items;
  }
  const owner = await readPodOwner(task, subject);
  const pods = await podsOf(task, owner, { order: byLogging, waitMs });
  if (hasAllPods) return pods;
  const [best] = pods;
  if (pods.length > 1) {
    await output.writeError(`Found ${pods.length} pods, using pod/${best.metadata?.name ?? ''}\n`);
  }
  return [best];
}

async function logsOf(
  { output }: CommandContext,
  pod: Pod,
  { container, hasAllContainers }: LogWish,
): Promise<readonly ContainerLog[]> {
  const { name = '', namespace = '' } = pod.metadata ?? {};
  const log = (each: string): ContainerLog => ({ namespace, pod: name, container: each });
  if (hasAllContainers) return containerNames(pod).map(log);
  const picked = pickContainer(pod, container);
  if (picked.note !== undefined) await output.writeError(picked.note);
  return [log(picked.name)];
}
