import { sleep } from '@fairway/host';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { isExpired, isTooManyRequests } from '../api-error-guards.ts';
import type { CallOptions, NamespaceOption } from './call-options.ts';
import { listObjects } from './read-resource.ts';
import { ConnectionError } from '../transport/connection-error.ts';
import type { CallContext } from './resource-call.ts';
import { objectPath } from './resource-path.ts';
import { watchObjects } from './watch-resource.ts';

/** What is waited for. */
export type WaitGoal<T extends KubernetesObject> =
  /** Until this answers true for the object. */
  | ((object: T) => boolean)
  /** Until this answers true, which is asked of undefined too: there is no such object, or not any more. */
  | { readonly until: (object: T | undefined) => boolean }
  /** Until `status.conditions` has this type with this status, `True` when absent. */
  | { readonly condition: string; readonly status?: 'True' | 'False' | 'Unknown' }
  /** Until there is no such object; where `uid` says which one is meant, another one is no reason to wait. */
  | { readonly isDeleted: true; readonly uid?: string };

export interface WaitOptions extends CallOptions, NamespaceOption {
  /** 30 seconds when absent. */
  readonly timeoutMs?: number;
}

const waitMs = 30_000;
/** Between two watches, so that a server that ends them at once is not hammered. */
const pauseMs = 1_000;

/**
 * Waits until an object is as wanted. An object that does not exist yet is waited for, too, and a
 * watch that breaks is taken up again.
 *
 * Errors: `Error` that says how far it was when the time is over; what the server refuses.
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
  // The wait reads the collection, where a missing name would go unnoticed, so it is checked here.
  objectPath(context, subject, options);
  requireGoal(subject.goal);
  const { timeoutMs = waitMs } = options;
  const controller = new AbortController();
  let last: T | undefined;
  const timer = context.clock.schedule(timeoutMs, () =>
    controller.abort(new Error(describeTimeout(subject, { timeoutMs, last }))),
  );
  const signal = AbortSignal.any([controller.signal, ...(options.signal ? [options.signal] : [])]);
  const watched = { ...subject, onSeen: (object: T | undefined) => void (last = object) };
  try {
    while (true) {
      const found = await watchUntil(context, watched, { ...options, signal });
      if (found !== undefined) return found.object;
      await sleep(context.clock, pauseMs, signal);
    }
  } finally {
    timer.cancel();
  }
}

interface Watched<T extends KubernetesObject> {
  readonly kind: ResourceDescriptor<T>;
  readonly name: string;
  readonly goal: WaitGoal<T>;
  /** Told of each state that is not the wanted one; of undefined while there is no object. */
  readonly onSeen: (object: T | undefined) => void;
}

// One list and one watch; undefined when the watch ended before the object was as wanted.
async function watchUntil<T extends KubernetesObject>(
  context: CallContext,
  { kind, name, goal, onSeen }: Watched<T>,
  options: WaitOptions,
): Promise<{ readonly object: T | undefined } | undefined> {
  const { timeoutMs: _, ...call } = options;
  const select = { ...call, fieldSelector: { 'metadata.name': name } };
  const { items, resourceVersion } = await listObjects(context, kind, select).all();
  const [object] = items;
  if (isMet(goal, object)) return met(goal, object);
  onSeen(object);
  try {
    const events = watchObjects(context, kind, { ...select, resourceVersion });
    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      const current = event.type === 'DELETED' ? undefined : event.object;
      if (isMet(goal, current)) return met(goal, current);
      onSeen(current);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!hasOnlyEnded(error)) throw error;
  }
  return undefined;
}

/** Where one had to be gone, another of its name is nothing to answer. */
function met<T extends KubernetesObject>(
  goal: WaitGoal<T>,
  object: T | undefined,
): { readonly object: T | undefined } {
  return { object: isGone(goal) ? undefined : object };
}

/** True for what the next list and watch may get over. */
function hasOnlyEnded(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.problem !== 'closed';
  return isExpired(error) || isTooManyRequests(error);
}

function describeTimeout<T extends KubernetesObject>(
  { kind, name, goal }: Omit<Watched<T>, 'onSeen'>,
  { timeoutMs, last }: { readonly timeoutMs: number; readonly last: T | undefined },
): string {
  const subject = `${kind.kind} "${name}"`;
  if (isGone(goal)) return `${subject} was still there after ${timeoutMs} ms`;
  if (last === undefined) return `${subject} did not exist after ${timeoutMs} ms`;
  if (typeof goal === 'function' || 'until' in goal)
    return `${subject} was not as wanted after ${timeoutMs} ms`;
  const { condition, status = 'True' } = goal as Extract<WaitGoal<T>, { condition: string }>;
  const found = conditionsOf(last).find(({ type }) => type === condition);
  const actual =
    found === undefined
      ? 'has no such condition'
      : `is ${[found.status, found.reason, found.message].filter(Boolean).join(', ')}`;
  return `${subject} was not ${condition}=${status} after ${timeoutMs} ms: it ${actual}`;
}

function requireGoal<T extends KubernetesObject>(goal: WaitGoal<T>): void {
  const isKnown =
    typeof goal === 'object' &&
    goal !== null &&
    ('condition' in goal || 'until' in goal || isGone(goal));
  if (isKnown || typeof goal === 'function') return;
  throw new TypeError(
    `what to wait for must be a function, { condition: 'Ready' } or { isDeleted: true }, and not ${String(goal)}`,
  );
}

function isGone<T extends KubernetesObject>(goal: WaitGoal<T>): boolean {
  return typeof goal === 'object' && 'isDeleted' in goal;
}

function isMet<T extends KubernetesObject>(goal: WaitGoal<T>, object: T | undefined): boolean {
  if (typeof goal === 'object' && 'until' in goal) return goal.until(object);
  if (object === undefined) return isGone(goal);
  if (typeof goal === 'function') return goal(object);
  if ('isDeleted' in goal) return goal.uid !== undefined && goal.uid !== object.metadata?.uid;
  return conditionsOf(object).some(
    ({ type, status }) => type === goal.condition && status === (goal.status ?? 'True'),
  );
}

interface Condition {
  readonly type?: unknown;
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
}

function conditionsOf(object: KubernetesObject): readonly Condition[] {
  const { status } = object as { status?: { conditions?: unknown } };
  return Array.isArray(status?.conditions) ? status.conditions : [];
}
