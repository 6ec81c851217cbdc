import { type Client, isAlreadyExists, isNamespaceTerminating, isNotFound } from '@fairway/client';
import { type Logger, sleep } from '@fairway/host';
import { ApiError } from '@fairway/protocol';
import type { Correlation } from './event-correlator.ts';
import { RecordedEvent } from './recorded-event.ts';
import { RecentMap } from './recent-map.ts';

const triesMax = 12;
const retryMs = 10_000;
/** An answer that never comes must not hold all later events. */
const sendTimeoutMs = 30_000;

/** Sends events, each as one of its own or as a repetition of one that was sent. */
export class EventSender {
  readonly #client: Client;
  readonly #ending: AbortSignal;
  readonly #cut: AbortSignal;
  readonly #logger: Logger;
  /** The names of the events that repeats are counted in. */
  readonly #names = new RecentMap<string>();

  /** Once `ending` aborts, each event gets one more try and no pause; once `cut` does, none. */
  constructor(
    client: Client,
    options: { readonly ending: AbortSignal; readonly cut: AbortSignal; readonly logger: Logger },
  ) {
    this.#client = client;
    this.#ending = options.ending;
    this.#cut = options.cut;
    this.#logger = options.logger;
  }

  /** Sends an event, trying for two minutes or so; true when the one that it repeats was gone. */
  async send(
    event: RecordedEvent,
    outcome: Exclude<Correlation, { kind: 'dropped' }>,
  ): Promise<boolean> {
    for (let attempt = 1; !this.#cut.aborted; attempt++) {
      const isLast = this.#ending.aborted || attempt >= triesMax;
      try {
        return await this.#sendOnce(event, outcome);
      } catch (error) {
        if (this.#cut.aborted) break;
        // What the server has refused it will refuse again.
        if (error instanceof ApiError || isLast) {
          this.#giveUp(event, error);
          return false;
        }
      }
      await this.#pause(attempt);
    }
    return false;
  }

  // Nothing can be said about what goes with its namespace, and nobody has to know.
  #giveUp({ reason, metadata }: RecordedEvent, error: unknown): void {
    const isGoing = isNotFound(error) || isNamespaceTerminating(error);
    const how = isGoing ? 'debug' : 'warn';
    this.#logger[how]('an event could not be sent', {
      reason,
      namespace: metadata.namespace,
      error,
    });
  }

  async #sendOnce(
    event: RecordedEvent,
    outcome: Exclude<Correlation, { kind: 'dropped' }>,
  ): Promise<boolean> {
    const { key, message } = outcome;
    const name = this.#names.get(key);
    const { namespace } = event.metadata;
    const options = { namespace, signal: this.#cut, timeoutMs: sendTimeoutMs };
    const isRepeated = outcome.kind === 'repeated' && name !== undefined;
    if (isRepeated) {
      const { lastTimestamp } = event;
      const merge = { count: outcome.count, message, lastTimestamp };
      try {
        await this.#client.patch(RecordedEvent, name, { merge }, options);
        return false;
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    try {
      await this.#client.create(RecordedEvent, { ...event, message }, options);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    this.#names.set(key, event.metadata.name);
    return isRepeated;
  }

  // The first retry waits for a random time: all clients of a restarted server would come at the
  // same moment otherwise.
  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#client;
    const delayMs = attempt === 1 ? retryMs * random.fraction() : retryMs;
    try {
      await sleep(clock, delayMs, this.#ending);
    } catch (error) {
      if (!this.#ending.aborted) throw error;
    }
  }
}
