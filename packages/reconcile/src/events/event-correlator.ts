import type { Clock } from '@fairway/host';
import { RecentMap } from './recent-map.ts';

/** The parts of an event by which similar ones are recognised. */
export interface EventSubject {
  /** Who says it. */
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

/** Different messages with one reason about one object; the next ones become one event. */
const similarMessagesMax = 10;
/** After so long without one of them, the first of the next ten is one of its own again. */
const similarMs = 600_000;
/** Events about one object at once; after these, one more in each `anotherEventMs`. */
const objectEventsMax = 25;
const anotherEventMs = 300_000;
const combinedPrefix = '(combined from similar events): ';

/**
 * Keeps a component that says the same again and again from filling the API with events: repeats are
 * counted, many alike become one, and too many about one object are dropped.
 *
 * Source: the "Event series" section of the Kubernetes API conventions, and the defaults there.
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #similar = new RecentMap<{ messages: Set<string>; lastAtMs: number }>();
  readonly #counts = new RecentMap<number>();
  readonly #tokens = new RecentMap<{ left: number; countedAtMs: number }>();

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
    if (messages.size < similarMessagesMax) messages.add(message);
    this.#similar.set(alike, { messages, lastAtMs: nowMs });
    if (messages.has(message)) return { key: JSON.stringify([alike, message]), message };
    return { key: alike, message: `${combinedPrefix}${message}` };
  }

  #takeToken(alike: string): boolean {
    const nowMs = this.#clock.elapsed();
    const known = this.#tokens.get(alike) ?? { left: objectEventsMax, countedAtMs: nowMs };
    const earned = (nowMs - known.countedAtMs) / anotherEventMs;
    const left = Math.min(objectEventsMax, known.left + earned);
    const isAllowed = left >= 1;
    this.#tokens.set(alike, { left: isAllowed ? left - 1 : left, countedAtMs: nowMs });
    return isAllowed;
  }
}
