/** How many events of all recorders of a lane are on their way at the same time. */
const sendingMax = 8;

/**
 * What recorders of one process share, so that they send few events at a time together: those of a thousand nodes
 * would crowd out the work that they tell of.
 */
export class EventLane {
  readonly #waiting: (() => void)[] = [];
  #sending = 0;

  /** Sends when it is its turn. */
  async run<T>(send: () => Promise<T>): Promise<T> {
    if (this.#sending < sendingMax) this.#sending++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await send();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#sending--;
      else next();
    }
  }
}
