import type { AuthenticatedRequest } from '@fairway/access';

export interface WaitingRequest {
  /** Who asks for what, for people who look at the queues. */
  readonly asked?: AuthenticatedRequest;
  /** The flow schema and which of its flows. */
  readonly schemaName: string;
  readonly distinguisher: string;
  /** How much of the level it takes while it runs. */
  readonly seats: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** How long it may wait for its seats. */
  readonly waitMsMax: number;
}

/** Why a request was not run: words of `apiserver_flowcontrol_rejected_requests_total`. */
export type RefusedBecause = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

export type Turn =
  /** To be called once when the request is over. */
  | { readonly kind: 'runs'; readonly leave: () => void }
  | { readonly kind: 'refused'; readonly because: RefusedBecause };

/** What a request is taken to need until it is over. */
export const expectedMs = 3;

export interface Waiting extends WaitingRequest {
  readonly arrivedMs: number;
  /** How far the level had come then. */
  readonly arrivedAt: number;
  readonly decide: (turn: Turn) => void;
}

export interface RunningRequest {
  readonly request: WaitingRequest | Waiting;
  /** On the clock that never jumps. */
  readonly startedAt: number;
}

/** Requests of some flows of one level. */
export interface RequestQueue {
  readonly waiting: Waiting[];
  waitingSeats: number;
  readonly running: Set<RunningRequest>;
  seatsInUse: number;
  /** What it has been served so far, in seats times milliseconds: where its next request begins. */
  nextAt: number;
}

/** One request as it is seen from outside. */
export interface RequestState extends Pick<
  WaitingRequest,
  'asked' | 'schemaName' | 'distinguisher' | 'seats'
> {
  readonly arrivedMs: number;
  /** Absent while it waits. */
  readonly startedMs?: number;
}

/** One queue as it is seen from outside. */
export interface QueueState {
  readonly waiting: readonly RequestState[];
  readonly running: readonly RequestState[];
  readonly seatsInUse: number;
  readonly nextAt: number;
}

/** All that runs and waits at one moment; `unqueued` is what runs without having a queue. */
export interface QueuesState {
  readonly queues: readonly QueueState[];
  readonly unqueued: QueueState;
}

export function emptyQueue(): RequestQueue {
  return { waiting: [], waitingSeats: 0, running: new Set(), seatsInUse: 0, nextAt: 0 };
}

/** What its flows have and want. */
export function seatsOf({ waitingSeats, seatsInUse }: RequestQueue): number {
  return waitingSeats + seatsInUse;
}

/** How a queue is seen from outside; `bootMs` is when the clock that never jumps began. */
export function stateOf(
  { waiting, running, seatsInUse, nextAt }: RequestQueue,
  bootMs: number,
): QueueState {
  const runs = [...running].map(({ request, startedAt }) => {
    const startedMs = bootMs + startedAt;
    return { arrivedMs: startedMs, ...request, startedMs };
  });
  return { waiting, running: runs, seatsInUse, nextAt };
}
