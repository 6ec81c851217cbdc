import { sleep, timeLimit } from '@fairway/host';
import type { DynamicObject } from '@fairway/client';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { longestMs, readTimeLimit } from '../flag-values.ts';
import { type OutcomeFlags, type PrintOutcome, outcomePrinter } from '../output/print-outcome.ts';
import {
  type SelectedObject,
  type Selecting,
  placeOf,
  selecting,
} from '../selection/select-objects.ts';
import type { SelectionFlags } from '../selection/selection-flags.ts';
import { visitObjects } from '../selection/visit-objects.ts';
import { type WaitWish, readWaitWish } from '../waits/wait-condition.ts';

export interface WaitFlags extends ClusterFlags, SelectionFlags, OutcomeFlags {
  readonly for?: string;
  readonly timeout: string;
}

/** Between two looks for objects of which there are none yet. */
const pauseMs = 1_000;

/** Waits until objects are as somebody wants them. */
export async function wait(
  context: CommandContext,
  words: readonly string[],
  flags: WaitFlags,
): Promise<void> {
  const wish = readWaitWish(flags.for ?? '');
  const timeoutMs = readTimeLimit('--timeout', flags.timeout);
  const { clock } = context.host;
  const print = await outcomePrinter(context.output, flags, 'none');
  await using client = await openClient(context, flags);
  const task = selecting(context, client, flags);
  const waiting: Waiting = { ...task, wish, print, endMs: clock.elapsed() + timeoutMs };
  const visit = (selected: SelectedObject): Promise<void> => waitForOne(waiting, selected);
  while ((await visitObjects(task, words, { doing: 'waiting for', visit })) === 0) {
    if (wish.kind === 'delete') return;
    if (wish.kind === 'state') throw new CommandError('no matching resources found');
    const leftMs = waiting.endMs - clock.elapsed();
    if (leftMs <= 0) throw new CommandError('timed out waiting for the condition');
    await sleep(clock, Math.min(pauseMs, leftMs), context.signal);
  }
}

interface Waiting extends Selecting {
  readonly wish: WaitWish;
  readonly print: PrintOutcome;
  /** For all objects together, by the clock. */
  readonly endMs: number;
}

async function waitForOne(waiting: Waiting, selected: SelectedObject): Promise<void> {
  const { client, context, wish, print } = waiting;
  const { resource, name } = selected;
  const where = { ...placeOf(selected), signal: context.signal };
  const found = await client.find(resource, name, where);
  if (found === undefined && wish.kind === 'delete') return;
  // Refuses a name that there is not, in the words of the server.
  if (found === undefined && wish.kind === 'state') await client.get(resource, name, where);
  const uid = found?.metadata?.uid;
  const isMet = (object: DynamicObject | undefined): boolean => {
    if (wish.kind === 'delete') return object?.metadata?.uid !== uid;
    return object !== undefined && (wish.kind === 'create' || wish.isMet(object));
  };
  const last = isMet(found) ? found : await waitUntil(waiting, selected, isMet);
  const object = last ?? found ?? {};
  await print({ resource, object, operation: 'condition met' });
}

async function waitUntil(
  { client, context, endMs }: Waiting,
  selected: SelectedObject,
  isMet: (object: DynamicObject | undefined) => boolean,
): Promise<DynamicObject | undefined> {
  const { resource, name } = selected;
  const { clock } = context.host;
  const subject = `${resource.plural}/${name}`;
  const limitMs = endMs - clock.elapsed();
  if (limitMs <= 0) throw new CommandError(`condition not met for ${subject}`);
  const late = (): Error => new CommandError(`timed out waiting for the condition on ${subject}`);
  using limit = timeLimit(clock, limitMs, { signal: context.signal, late });
  const where = { ...placeOf(selected), signal: limit.signal, timeoutMs: longestMs };
  return await client.waitFor(resource, name, { until: isMet }, where);
}
