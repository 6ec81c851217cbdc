/** The signals that are passed on to a program that runs in this one's place. */
export type SignalName = 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGTERM' | 'SIGUSR1' | 'SIGUSR2';

export interface ReceivedSignal {
  readonly name: SignalName;
  /** The terminal sent it to every process in its foreground, children included. */
  readonly isFromTerminal: boolean;
}

/** Signals to this process, as an argument. */
export interface Signals {
  /** Takes all signals until disposed of; they have no other effect meanwhile. */
  take(onSignal: (signal: ReceivedSignal) => void): Disposable;
  readonly isTaken: boolean;
}
