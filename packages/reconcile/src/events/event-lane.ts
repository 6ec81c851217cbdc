import { Semaphore } from '@fairway/host';

/** How many events of all recorders of a lane are on their way at the same time. */
const sendingMax = 8;

/**
 * What recorders of one process share, so that they send few events at a time together: those of a thousand nodes
 * would crowd out the work that they tell of.
 */
export class EventLane {
  readonly #sending = new Semaphore(sendingMax);

  /** Sends when it is its turn. */
  run<T>(send: () => Promise<T>): Promise<T> {
    return this.#sending.run(send);
  }
}
