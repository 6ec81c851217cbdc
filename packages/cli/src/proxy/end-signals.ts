import type { CommandContext } from '../command-context.ts';

/** What signals ask of a program that serves. */
export interface EndSignals extends Disposable {
  /** Aborts when somebody wants an end. */
  readonly signal: AbortSignal;
  /** Called for SIGHUP, of a program that can read its files again. */
  onReload(reload: () => Promise<void>): void;
}

/**
 * Ends by Ctrl-C and SIGTERM; by SIGHUP, too, as a terminal sends it when it is closed, unless it asks to read files again.
 */
export function endSignals(
  { signal, signals }: Pick<CommandContext, 'signal' | 'signals'>,
  { reloads }: { readonly reloads: boolean },
): EndSignals {
  if (!reloads) return { signal, onReload: () => {}, [Symbol.dispose]: () => {} };
  const ending = new AbortController();
  let onHangUp = (): Promise<void> => Promise.resolve();
  const taken = signals.take(({ name }) => {
    if (name === 'SIGHUP') void onHangUp();
    else if (name === 'SIGINT' || name === 'SIGTERM' || name === 'SIGQUIT') ending.abort(name);
  });
  return {
    signal: AbortSignal.any([signal, ending.signal]),
    onReload: (reload) => (onHangUp = reload),
    [Symbol.dispose]: () => taken[Symbol.dispose](),
  };
}
