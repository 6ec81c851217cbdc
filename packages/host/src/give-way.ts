/** What `shareTurns` is made of: time that does not jump, and the next turn of the event loop. */
export interface TurnScheduler {
  /** Milliseconds from an arbitrary start. */
  elapsed(): number;
  /** Calls `run` in the next turn of the event loop, after what is ready by then. */
  inNextTurn(run: () => void): void;
}

/** How much of one turn all work that gives way may use together. */
const turnMsMax = 10;

/** One event loop, as those see it who give way. */
export interface Turns {
  /** See the `giveWay` of this module. */
  readonly giveWay: () => Promise<void> | undefined;
  /** How many wait for a turn. */
  readonly waitingCount: () => number;
}

/**
 * Shares the turns of an event loop. There is one, so a program uses the one `giveWay` of this
 * module; this is for tests.
 *
 * All work that gives way shares the time of a turn. Work that waits is taken up again in the order
 * in which it came, until the time is used up, so that a hundred long requests block no longer than
 * one.
 */
export function shareTurns(scheduler: TurnScheduler): Turns {
  const waiting: (() => void)[] = [];
  /** When the first work of this turn began; undefined: there was none yet. */
  let startMs: number | undefined;
  /** Whoever comes waits, so that the turn is for those who have waited. */
  let isReserved = false;

  const begin = (): void => {
    startMs = scheduler.elapsed();
    scheduler.inNextTurn(endTurn);
  };
  const isUsedUp = (): boolean =>
    startMs !== undefined && scheduler.elapsed() - startMs >= turnMsMax;
  // Runs before those who wait, who were told to later. After a turn that is used up the loop looks
  // around once more: else one long piece before this moment and one after it were one block.
  const endTurn = (): void => {
    isReserved = waiting.length > 0 && isUsedUp();
    startMs = undefined;
    if (isReserved) scheduler.inNextTurn(() => (isReserved = false));
  };
  const takeUp = (): void => {
    if (isReserved || isUsedUp()) return scheduler.inNextTurn(takeUp);
    if (startMs === undefined) begin();
    waiting.shift()?.();
  };
  const giveWay = (): Promise<void> | undefined => {
    if (!isReserved && !isUsedUp()) {
      if (startMs === undefined) begin();
      return undefined;
    }
    scheduler.inNextTurn(takeUp);
    return new Promise((resolve) => waiting.push(resolve));
  };
  return { giveWay, waitingCount: () => waiting.length };
}

/** The turns of this process. */
export const turns: Turns = shareTurns({
  elapsed: () => performance.now(),
  inNextTurn: (run) => void setImmediate(run),
});

/**
 * Lets the rest of the process have a turn in the middle of long work: `await giveWay()` wherever a
 * loop whose length others decide may stop, so that nothing stands on the event loop for long.
 *
 * Answers `undefined` at once while there is time left in this turn. A loop of very cheap steps
 * looks for that instead of awaiting it, or asks only every so many steps.
 *
 * What the loop reads may have changed when it goes on.
 */
export const giveWay: () => Promise<void> | undefined = turns.giveWay;

/** Runs long work to its end and gives way wherever it pauses. */
export async function runInTurns<T>(work: Generator<undefined, T, undefined>): Promise<T> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    await giveWay();
  }
}
