import type { Clock, Timer } from '@fairway/host';
import {
  type QueuesState,
  type RefusedBecause,
  type RequestQueue,
  type RunningRequest,
  type Turn,
  type Waiting,
  type WaitingRequest,
  emptyQueue,
  expectedMs,
  seatsOf,
  stateOf,
} from './request-queue.ts';
import { ShuffleShard } from './shuffle-shard.ts';
import { SeatDemand } from './seat-demand.ts';

/** How the requests of a level wait. */
export interface Queuing {
  readonly queues: number;
  readonly handSize: number;
  /** Requests in one queue. */
  readonly queueLengthMax: number;
}

/**
 * The requests of one priority level: those that run, within the seats of the level, and those that wait
 * for seats in queues. Each flow waits in the shortest queue of its hand, and the queue comes next that has
 * been served least, so that a flow with many requests hardly delays others.
 *
 * Source: KEP-1040, fair queuing for server requests; Goyal et al., Start-time Fair Queuing.
 */
export class FairQueues {
  readonly #clock: Clock;
  readonly demand: SeatDemand;
  /** How many requests have come to what. */
  readonly outcomes: Record<'dispatched' | RefusedBecause, number> = {
    dispatched: 0,
    'queue-full': 0,
    'concurrency-limit': 0,
    'time-out': 0,
    cancelled: 0,
  };
  #queuing: Queuing | undefined;
  #hands: ShuffleShard | undefined;
  #queues: readonly RequestQueue[] = [];
  /** Takes what a level without queues runs. */
  readonly #unqueued = emptyQueue();
  #seats: number;
  #seatsInUse = 0;
  #running = 0;
  #waiting = 0;
  #waitingSeats = 0;
  /** Where the request began that was taken last. */
  #reachedAt = 0;
  /** The queue after which the search for the next one begins. */
  #lastQueue = 0;

  /** Without `queuing` a request for which there are no seats is refused. */
  constructor(
    clock: Clock,
    { seats, queuing }: { readonly seats: number; readonly queuing?: Queuing | undefined },
  ) {
    this.#clock = clock;
    this.demand = new SeatDemand(clock);
    this.#seats = seats;
    this.setQueuing(queuing);
  }

  get seats(): number {
    return this.#seats;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get state(): QueuesState {
    const bootMs = this.#clock.now() - this.#clock.elapsed();
    return {
      queues: this.#queues.map((queue) => stateOf(queue, bootMs)),
      unqueued: stateOf(this.#unqueued, bootMs),
    };
  }

  /** Who waits already goes on waiting where it is. */
  setQueuing(queuing: Queuing | undefined): void {
    this.#queuing = queuing;
    this.#hands = queuing === undefined ? undefined : new ShuffleShard(queuing);
    const missing = (queuing?.queues ?? 0) - this.#queues.length;
    if (missing > 0) {
      this.#queues = [...this.#queues, ...Array.from({ length: missing }, emptyQueue)];
    }
  }

  setSeats(seats: number): void {
    this.#seats = seats;
    this.#dispatch();
  }

  /** Answers at once unless the request has to wait. */
  enter(request: WaitingRequest): Turn | Promise<Turn> {
    const queue = this.#queueFor(request);
    const hasRoom = this.#waiting === 0 && this.#hasRoomFor(request.seats);
    if (queue === undefined) {
      return hasRoom ? this.#run(this.#unqueued, request) : this.#refuse('concurrency-limit');
    }
    if (hasRoom) {
      this.#begin(queue, this.#reachedAt);
      return this.#run(queue, request);
    }
    const { queueLengthMax = 0 } = this.#queuing ?? {};
    if (queue.waiting.length >= queueLengthMax) return this.#refuse('queue-full');
    return this.#wait(queue, request);
  }

  #queueFor({ schemaName, distinguisher }: WaitingRequest): RequestQueue | undefined {
    if (this.#hands === undefined) return undefined;
    let chosen: RequestQueue | undefined;
    for (const index of this.#hands.handOf(`${schemaName}\0${distinguisher}`)) {
      const queue = this.#queues[index] as RequestQueue;
      if (chosen === undefined || seatsOf(queue) < seatsOf(chosen)) chosen = queue;
    }
    return chosen;
  }

  /** What is wider than the level runs alone in it. */
  #hasRoomFor(seats: number): boolean {
    return this.#seatsInUse === 0 ? this.#seats > 0 : this.#seatsInUse + seats <= this.#seats;
  }

  #wait(queue: RequestQueue, request: WaitingRequest): Promise<Turn> {
    return new Promise((resolve) => {
      const { signal } = request;
      if (signal.aborted) return resolve(this.#refuse('cancelled'));
      const decide = (turn: Turn): void => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        resolve(turn);
      };
      const waiting: Waiting = {
        ...request,
        arrivedMs: this.#clock.now(),
        arrivedAt: this.#reachedAt,
        decide,
      };
      const onAbort = (): void => this.#giveUp(queue, waiting, 'cancelled');
      const timer: Timer = this.#clock.schedule(request.waitMsMax, () =>
        this.#giveUp(queue, waiting, 'time-out'),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      queue.waiting.push(waiting);
      queue.waitingSeats += request.seats;
      this.#waiting++;
      this.#waitingSeats += request.seats;
      this.#noteDemand();
      // Another flow may be ahead of those that wait although they are too wide for what is free.
      this.#dispatch();
    });
  }

  #giveUp(queue: RequestQueue, waiting: Waiting, because: RefusedBecause): void {
    queue.waiting.splice(queue.waiting.indexOf(waiting), 1);
    this.#noLongerWaits(queue, waiting);
    this.#noteDemand();
    waiting.decide(this.#refuse(because));
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#waiting > 0) {
      const queue = this.#nextQueue();
      const next = queue?.waiting[0];
      if (queue === undefined || next === undefined || !this.#hasRoomFor(next.seats)) return;
      queue.waiting.shift();
      this.#noLongerWaits(queue, next);
      this.#begin(queue, next.arrivedAt);
      next.decide(this.#run(queue, next));
    }
  }

  /** The one whose next request would be over first, were all queues served at once. */
  #nextQueue(): RequestQueue | undefined {
    const { length } = this.#queues;
    let found: RequestQueue | undefined;
    let foundAt = Infinity;
    let foundIndex = 0;
    for (let step = 1; step <= length; step++) {
      const index = (this.#lastQueue + step) % length;
      const queue = this.#queues[index] as RequestQueue;
      const [oldest] = queue.waiting;
      if (oldest === undefined) continue;
      const endsAt = Math.max(queue.nextAt, oldest.arrivedAt) + oldest.seats * expectedMs;
      if (endsAt >= foundAt) continue;
      [found, foundAt, foundIndex] = [queue, endsAt, index];
    }
    if (found !== undefined && this.#hasRoomFor(found.waiting[0]?.seats ?? 0)) {
      this.#lastQueue = foundIndex;
    }
    return found;
  }

  /** A queue saves nothing up from before its request came. */
  #begin(queue: RequestQueue, arrivedAt: number): void {
    queue.nextAt = Math.max(queue.nextAt, arrivedAt);
    this.#reachedAt = Math.max(this.#reachedAt, queue.nextAt);
  }

  #refuse(because: RefusedBecause): Turn {
    this.outcomes[because]++;
    return { kind: 'refused', because };
  }

  #run(queue: RequestQueue, request: WaitingRequest): Turn {
    const { seats } = request;
    const startMs = this.#clock.elapsed();
    const running: RunningRequest = { request, startedAt: startMs };
    queue.running.add(running);
    this.outcomes.dispatched++;
    queue.seatsInUse += seats;
    queue.nextAt += seats * expectedMs;
    this.#running++;
    this.#seatsInUse += seats;
    this.#noteDemand();
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      queue.running.delete(running);
      queue.seatsInUse -= seats;
      // It is charged for what it has really used.
      queue.nextAt += seats * (this.#clock.elapsed() - startMs - expectedMs);
      this.#running--;
      this.#seatsInUse -= seats;
      this.#noteDemand();
      this.#dispatch();
    };
    return { kind: 'runs', leave };
  }

  #noLongerWaits(queue: RequestQueue, { seats }: WaitingRequest): void {
    queue.waitingSeats -= seats;
    this.#waiting--;
    this.#waitingSeats -= seats;
  }

  #noteDemand(): void {
    this.demand.set(this.#seatsInUse + this.#waitingSeats);
  }
}
