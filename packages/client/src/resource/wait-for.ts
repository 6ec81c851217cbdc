import { sleep } from '@fairway/host';
import { ApiError, type KubernetesObject, type ResourceDescriptor } from '@fairway/protocol';
import { isExpired } from '../api-error-guards.ts';
import type { CallOptions, NamespaceOption } from './call-options.ts';
import { listObjects } from './read-resource.ts';
import type { CallContext } from './resource-call.ts';
import { watchObjects } from './watch-resource.ts';

/** What is waited for. */
export type WaitGoal<T extends KubernetesObject> =
  /** Until this answers true for the object. */
  | ((object: T) => boolean)
  /** Until `status.conditions` has this type with this status, `True` when absent. */
  | { readonly condition: string; readonly status?: 'True' | 'False' | 'Unknown' }
  /** Until there is no such object. */
  | { readonly isDeleted: true };

export interface WaitOptions extends CallOptions, NamespaceOption {
  /** 30 seconds when absent. */
  readonly timeoutMs?: number;
}

const waitMs = 30_000;
/** Between two watches, so that a server that ends them at once is not hammered. */
const pauseMs = 1_000;

/**
 * Waits until an object is as wanted. An object that does not exist yet is waited for, too.
 *
 * Errors: `Error` when the time is over; what the server refuses.
 */
export async function waitForObject<T extends KubernetesObject>(
  context: CallContext,
  subject: {
    readonly kind: ResourceDescriptor<T>;
    readonly name: string;
    readonly goal: WaitGoal<T>;
  },
  options: WaitOptions,
): Promise<T | undefined> {
  const { timeoutMs = waitMs } = options;
  const controller = new AbortController();
  const timer = context.clock.schedule(timeoutMs, () =>
    controller.abort(
      new Error(`${subject.kind.kind} "${subject.name}" was not as wanted after ${timeoutMs} ms`),
    ),
  );
  const signal = AbortSignal.any([controller.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    while (true) {
      const found = await watchUntil(context, subject, { ...options, signal });
      if (found !== undefined) return found.object;
      await sleep(context.clock, pauseMs, signal);
    }
  } finally {
    timer.cancel();
  }
}

// One list and one watch; undefined when the watch ended before the object was as wanted.
async function watchUntil<T extends KubernetesObject>(
  context: CallContext,
  subject: {
    readonly kind: ResourceDescriptor<T>;
    readonly name: string;
    readonly goal: WaitGoal<T>;
  },
  options: WaitOptions,
): Promise<{ readonly object: T | undefined } | undefined> {
  const { kind, name, goal } = subject;
  const { timeoutMs: _, ...call } = options;
  const select = { ...call, fieldSelector: { 'metadata.name': name } };
  const { items, resourceVersion } = await listObjects(context, kind, select).all();
  const [object] = items;
  if (object === undefined ? isGone(goal) : isMet(goal, object)) return { object };
  try {
    const events = watchObjects(context, kind, { ...select, resourceVersion });
    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'DELETED') {
        if (isGone(goal)) return { object: undefined };
      } else if (isMet(goal, event.object)) return { object: event.object };
    }
  } catch (error) {
    if (!(error instanceof ApiError) || !isExpired(error)) throw error;
  }
  return undefined;
}

function isGone<T extends KubernetesObject>(goal: WaitGoal<T>): boolean {
  return typeof goal === 'object' && 'isDeleted' in goal;
}

function isMet<T extends KubernetesObject>(goal: WaitGoal<T>, object: T): boolean {
  if (typeof goal === 'function') return goal(object);
  if ('isDeleted' in goal) return false;
  return conditionsOf(object).some(
    ({ type, status }) => type === goal.condition && status === (goal.status ?? 'True'),
  );
}

function conditionsOf(object: KubernetesObject): readonly { type?: unknown; status?: unknown }[] {
  const { status } = object as { status?: { conditions?: unknown } };
  return Array.isArray(status?.conditions) ? status.conditions : [];
}
