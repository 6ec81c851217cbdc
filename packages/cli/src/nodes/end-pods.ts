import { sleep } from '@fairway/host';
import {
  type Client,
  evictPod,
  isNamespaceTerminating,
  isNotFound,
  isTooManyRequests,
} from '@fairway/client';
import { Pod } from '@fairway/kinds/core/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { longestMs } from '../flag-values.ts';
import { podText } from './pods-to-drain.ts';

/** How pods of a node are ended. */
export interface EndingPods {
  readonly context: CommandContext;
  readonly client: Client;
  /** Undefined: as each pod has it. */
  readonly gracePeriodSeconds: number | undefined;
  /** Deletes, past all disruption budgets. */
  readonly isEvictionDisabled: boolean;
  /** Aborts when the time of the drain is over. */
  readonly signal: AbortSignal;
}

/** How long a disruption budget is given before a pod is asked for again. */
const budgetPauseMs = 5_000;

/** Ends pods at the same time, and waits until they are gone. Answers what went wrong, pod by pod. */
export async function endPods(
  ending: EndingPods,
  pods: readonly Pod[],
): Promise<readonly { readonly pod: Pod; readonly error: unknown }[]> {
  const ended = await Promise.allSettled(pods.map((pod) => endPod(ending, pod)));
  ending.context.signal.throwIfAborted();
  return ended.flatMap((each, at) => {
    const pod = pods[at];
    return each.status === 'rejected' && pod !== undefined
      ? [{ pod, error: each.reason as unknown }]
      : [];
  });
}

async function endPod(ending: EndingPods, pod: Pod): Promise<void> {
  const { context, client, isEvictionDisabled, signal } = ending;
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  await (isEvictionDisabled ? deletePod(ending, pod) : evict(ending, pod));
  await client.waitFor(
    Pod,
    name,
    { isDeleted: true, uid },
    { namespace, signal, timeoutMs: longestMs },
  );
  await context.output.write(`pod/${name} ${isEvictionDisabled ? 'deleted' : 'evicted'}\n`);
}

async function deletePod(ending: EndingPods, pod: Pod): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata ?? {};
  try {
    await ending.client.delete(Pod, name, { namespace, ...optionsOf(ending, pod) });
  } catch (error) {
    if (!isNotFound(error)) throw refusal('deleting', pod, error);
  }
}

async function evict(ending: EndingPods, pod: Pod): Promise<void> {
  const { context, client, signal } = ending;
  const { name = '', namespace = '' } = pod.metadata ?? {};
  while (true) {
    await context.output.write(`evicting pod ${podText(pod)}\n`);
    try {
      await evictPod(client, name, { namespace, ...optionsOf(ending, pod) });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      signal.throwIfAborted();
      // A namespace that goes takes its pods along.
      if (isNamespaceTerminating(error)) return;
      if (!isTooManyRequests(error)) throw refusal('evicting', pod, error);
      await context.output.writeError(
        `${whatFailed('evicting', pod)} (will retry after 5s): ${String((error as Error).message)}\n`,
      );
    }
    await sleep(context.host.clock, budgetPauseMs, signal);
  }
}

function optionsOf(
  { gracePeriodSeconds, signal }: EndingPods,
  { metadata: { uid } = {} }: Pod,
): {
  readonly signal: AbortSignal;
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid: string };
} {
  return {
    signal,
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    // Another of its name may run elsewhere by now.
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  };
}

function whatFailed(doing: string, { metadata: { name, namespace } = {} }: Pod): string {
  return `error when ${doing} pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}`;
}

function refusal(doing: string, pod: Pod, cause: unknown): CommandError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new CommandError(`${whatFailed(doing, pod)}: ${message}`, { cause });
}
