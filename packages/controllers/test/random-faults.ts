import { type Fault, withFaults } from '@fairway/client/testing';
import type { Clock, Random } from '@fairway/host';
import type { Handler, HttpRequest } from '@fairway/protocol';

/** Of 100 requests that could, how many go wrong while faults are on. */
const faultsPerHundred = 15;

/** An API that by chance refuses what is written, loses its answers, and ends watches. */
export class RandomFaults {
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #touch: (path: string) => Promise<void>;
  /** Nothing goes wrong while it is false. */
  areOn = false;

  /** `touch`: changes an object, by its path, so that who writes an older version gets a conflict. */
  constructor(options: {
    readonly random: Random;
    readonly clock: Clock;
    readonly touch: (path: string) => Promise<void>;
  }) {
    this.#random = options.random;
    this.#clock = options.clock;
    this.#touch = options.touch;
  }

  around(next: Handler): Handler {
    return (request) => {
      if (!this.areOn || this.#below(100) >= faultsPerHundred) return next(request);
      const choices = this.#choicesFor(request);
      const fault = choices[this.#below(choices.length)];
      if (fault === undefined) return next(request);
      const plan = { faults: [fault], clock: this.#clock, matches: () => true };
      return withFaults(next, plan).handler(request);
    };
  }

  #choicesFor({ method, path, query }: HttpRequest): readonly Fault[] {
    if (method === 'GET') {
      if (!query.includes('watch=')) return [];
      return [{ kind: 'cut', afterEvents: this.#below(20), how: 'end' }];
    }
    const isChange = method === 'PUT' || method === 'PATCH';
    return [
      isChange
        ? { kind: 'meanwhile', run: () => this.#touch(path) }
        : { kind: 'refuse', code: 403 },
      { kind: 'refuse', code: 500 },
      { kind: 'unreachable' },
      { kind: 'lose-answer' },
    ];
  }

  #below(count: number): number {
    return Math.floor(this.#random.fraction() * count);
  }
}
