import type { Clock, Timer } from '@fairway/host';
import type { Program } from '@fairway/protocol/pods';

/** After the end of the input, somebody who is attached leaves when it was quiet for so long. */
const quietMs = 1_000;
/** And after this even if it is never quiet. */
const stayMsMax = 10_000;

/**
 * The program of whoever attaches to a container whose input stays open when one of those who write it is done:
 * the container is not told of that end, and the caller leaves, as with containerd. That one lets go of the
 * outputs in the same moment, which loses what the container says to its last input; here they stay until it is
 * quiet.
 */
export function leavingAfterInput(attached: Program, clock: Pick<Clock, 'schedule'>): Program {
  return async (caller) => {
    const leaving = new AbortController();
    const stay = new Stay(clock, () => leaving.abort());
    const over = Promise.withResolvers<void>();
    const input = async function* (): AsyncGenerator<Uint8Array, undefined> {
      yield* caller.stdin;
      stay.begin();
      await over.promise;
    };
    try {
      return await attached({
        stdin: input(),
        sizes: caller.sizes,
        stdout: (bytes) => {
          stay.prolong();
          return caller.stdout(bytes);
        },
        stderr: (bytes) => {
          stay.prolong();
          return caller.stderr(bytes);
        },
        signal: AbortSignal.any([caller.signal, leaving.signal]),
      });
    } catch (error) {
      if (!leaving.signal.aborted || caller.signal.aborted) throw error;
      return 0;
    } finally {
      stay.end();
      over.resolve();
    }
  };
}

class Stay {
  readonly #clock: Pick<Clock, 'schedule'>;
  readonly #leave: () => void;
  #quiet: Timer | undefined;
  #last: Timer | undefined;

  constructor(clock: Pick<Clock, 'schedule'>, leave: () => void) {
    this.#clock = clock;
    this.#leave = leave;
  }

  begin(): void {
    this.#quiet = this.#clock.schedule(quietMs, this.#leave);
    this.#last = this.#clock.schedule(stayMsMax, this.#leave);
  }

  prolong(): void {
    if (this.#quiet === undefined) return;
    this.#quiet.cancel();
    this.#quiet = this.#clock.schedule(quietMs, this.#leave);
  }

  end(): void {
    this.#quiet?.cancel();
    this.#last?.cancel();
  }
}
