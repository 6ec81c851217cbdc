import type { Clock } from '@fairway/host';

/** The parts of an event by which similar ones are recognised. */
export interface EventSubject {
  /** The reporting component. */
  readonly source: string;
  /** Of which object: its kind, namespace, name and uid in one string. */
  readonly object: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** What to do about an event. */
export type Correlation =
  | { readonly kind: 'dropped' }
  | { readonly kind: 'new'; readonly key: string; readonly message: string }
  | {
      readonly kind: 'repeated';
      readonly key: string;
      readonly message: string;
      readonly count: number;
    };

const similarMax = 10;
const similarMs = 600_000;
const burstMax = 25;
const perTokenMs = 300_000;
const keptMax = 4_096;
const combinedPrefix = '(combined from similar events): ';

/**
 * Keeps a component that says the same again and again from filling the API with events: repeats are
 * counted, many alike become one, and too many about one object are dropped.
 *
 * Source: the "Event series" section of the Kubernetes API conventions, and the defaults there.
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #similar = new RecentMap<{ messages: Set<string>; lastAtMs: number }>(keptMax);
  readonly #counts = new RecentMap<number>(keptMax);
  readonly #tokens = new RecentMap<{ left: number; countedAtMs: number }>(keptMax);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(event: EventSubject): Correlation {
    const { source, object } = event;
    const { key, message } = this.#aggregate(event);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (!this.#takeToken(JSON.stringify([source, object]))) return { kind: 'dropped' };
    return count === 1 ? { kind: 'new', key, message } : { kind: 'repeated', key, message, count };
  }

  /** The event that should have been repeated was gone, and was made anew: it counts from one. */
  countAnew(key: string): void {
    this.#counts.set(key, 1);
  }

  #aggregate({ source, object, type, reason, message }: EventSubject): {
    readonly key: string;
    readonly message: string;
  } {
    const alike = JSON.stringify([source, object, type, reason]);
    const nowMs = this.#clock.elapsed();
    const known = this.#similar.get(alike);
    const isRecent = known !== undefined && nowMs - known.lastAtMs <= similarMs;
    const messages = isRecent ? known.messages : new Set<string>();
    if (messages.size < similarMax) messages.add(message);
    this.#similar.set(alike, { messages, lastAtMs: nowMs });
    if (messages.has(message)) return { key: JSON.stringify([alike, message]), message };
    return { key: alike, message: `${combinedPrefix}${message}` };
  }

  #takeToken(alike: string): boolean {
    const nowMs = this.#clock.elapsed();
    const known = this.#tokens.get(alike) ?? { left: burstMax, countedAtMs: nowMs };
    const earned = (nowMs - known.countedAtMs) / perTokenMs;
    const left = Math.min(burstMax, known.left + earned);
    const isAllowed = left >= 1;
    this.#tokens.set(alike, { left: isAllowed ? left - 1 : left, countedAtMs: nowMs });
    return isAllowed;
  }
}

/** The entries that were set last. */
class RecentMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #sizeMax: number;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#sizeMax) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
