import type { Controller } from '@fairway/reconcile';
import { firstFailure } from './first-failure.ts';

/** Makes one controller of several loops: when one of them ends, all do. */
export function runTogether(loops: readonly Controller[]): Controller {
  return {
    async run({ signal }) {
      const ending = new AbortController();
      const own = AbortSignal.any([signal, ending.signal]);
      const running = loops.map((loop) => loop.run({ signal: own }).finally(() => ending.abort()));
      const failure = await firstFailure(running);
      if (failure !== undefined) throw failure;
    },
  };
}
