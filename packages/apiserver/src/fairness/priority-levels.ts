import type { Clock } from '@fairway/host';
import type { PriorityLevelConfiguration } from '@fairway/kinds/flowcontrol/v1';
import { FairQueues, type Queuing } from './fair-queues.ts';
import type { Turn, WaitingRequest } from './request-queue.ts';
import {
  type LevelDemand,
  type LevelShares,
  type SeatBounds,
  seatBounds,
  shareSeats,
} from './seat-shares.ts';

/** One priority level at work. */
export interface PriorityLevel {
  readonly name: string;
  readonly uid: string;
  /** Its requests wait for nothing: it has as many seats as they take. */
  readonly isExempt: boolean;
  readonly queues: FairQueues;
}

interface LevelState extends PriorityLevel {
  readonly bounds: SeatBounds;
  smoothed: number;
}

const adjustmentMs = 10_000;
/** Half of what was asked for is forgotten in five minutes. */
const smoothing = 0.977;
/** Less than this is nothing. */
const seatsLeast = 0.5;

/**
 * The priority levels of a server, and how they share its seats: anew every ten seconds, as long as
 * somebody asks for some.
 */
export class PriorityLevels {
  readonly #clock: Clock;
  readonly #seatsTotal: number;
  #levels: ReadonlyMap<string, LevelState> = new Map();
  #isAdjustmentDue = false;

  /** The timers of `clock` end with the server. */
  constructor({ clock, seatsTotal }: { readonly clock: Clock; readonly seatsTotal: number }) {
    this.#clock = clock;
    this.#seatsTotal = seatsTotal;
  }

  get all(): Iterable<PriorityLevel> {
    return this.#levels.values();
  }

  find(name: string): PriorityLevel | undefined {
    return this.#levels.get(name);
  }

  /** Takes these in place of those before. Requests of one that is gone end as they began. */
  configure(configurations: Iterable<PriorityLevelConfiguration>): void {
    const shares = new Map<PriorityLevelConfiguration, LevelShares>();
    for (const each of configurations) shares.set(each, sharesOf(each));
    const levels = new Map<string, LevelState>();
    for (const [configuration, bounds] of seatBounds(shares, this.#seatsTotal)) {
      const level = this.#levelOf(configuration, bounds);
      levels.set(level.name, level);
    }
    this.#levels = levels;
  }

  /** Answers at once unless the request has to wait. */
  enter(level: PriorityLevel, request: WaitingRequest): Turn | Promise<Turn> {
    this.#adjustLater();
    return level.queues.enter(request);
  }

  #levelOf({ metadata, spec }: PriorityLevelConfiguration, bounds: SeatBounds): LevelState {
    const name = metadata?.name ?? '';
    const before = this.#levels.get(name);
    const queuing = queuingOf(spec);
    const isExempt = spec?.type === 'Exempt';
    const seats = ownSeats({ isExempt, bounds });
    const queues = before?.queues ?? new FairQueues(this.#clock, { seats, queuing });
    queues.setQueuing(queuing);
    // What an administrator has changed counts at once; what is borrowed is seen to by the next adjustment.
    if (before !== undefined && ownSeats(before) !== seats) queues.setSeats(seats);
    const uid = metadata?.uid ?? '';
    return { name, uid, isExempt, queues, bounds, smoothed: before?.smoothed ?? 0 };
  }

  #adjustLater(): void {
    if (this.#isAdjustmentDue) return;
    this.#isAdjustmentDue = true;
    this.#clock.schedule(adjustmentMs, () => {
      this.#isAdjustmentDue = false;
      if (this.#adjust()) this.#adjustLater();
    });
  }

  /** Answers whether anybody has asked for seats lately. */
  #adjust(): boolean {
    const demands = new Map<LevelState, LevelDemand>();
    let exemptSeats = 0;
    let isBusy = false;
    for (const level of this.#levels.values()) {
      const { average, deviation, most } = level.queues.demand.take();
      const envelope = average + deviation;
      const faded = smoothing * level.smoothed + (1 - smoothing) * envelope;
      level.smoothed = Math.max(envelope, faded);
      isBusy ||= level.smoothed >= seatsLeast;
      if (level.isExempt) exemptSeats += level.smoothed;
      else demands.set(level, { ...level.bounds, smoothed: level.smoothed, highest: most });
    }
    const shared = shareSeats(demands, this.#seatsTotal - exemptSeats);
    for (const [level, seats] of shared) level.queues.setSeats(seats);
    return isBusy;
  }
}

/** What it has before it lends or borrows any. */
function ownSeats({ isExempt, bounds }: Pick<LevelState, 'isExempt' | 'bounds'>): number {
  return isExempt ? Infinity : bounds.nominal;
}

function sharesOf({ spec }: PriorityLevelConfiguration): LevelShares {
  const { exempt, limited } = spec ?? {};
  const defaultShares = spec?.type === 'Exempt' ? 0 : 30;
  return {
    shares: (exempt ?? limited)?.nominalConcurrencyShares ?? defaultShares,
    lendablePercent: (exempt ?? limited)?.lendablePercent ?? 0,
    borrowingLimitPercent: limited?.borrowingLimitPercent,
  };
}

function queuingOf(spec: PriorityLevelConfiguration['spec']): Queuing | undefined {
  const response = spec?.limited?.limitResponse;
  if (response?.type !== 'Queue') return undefined;
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = response.queuing ?? {};
  return { queues, handSize, queueLengthMax: queueLengthLimit };
}
