import { readFileSync } from 'node:fs';
import type { ReceivedSignal, SignalName, Signals } from './signals.ts';

const passedOn: readonly SignalName[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
];
let takers = 0;

/** The signals that this process gets. */
export const nodejsSignals: Signals = {
  get isTaken() {
    return takers > 0;
  },

  take(onSignal) {
    takers += 1;
    const listeners = passedOn.map((name) => {
      const listener = (): void => onSignal(received(name));
      process.on(name, listener);
      return { name, listener };
    });
    return {
      [Symbol.dispose]() {
        takers -= 1;
        for (const { name, listener } of listeners) process.off(name, listener);
      },
    };
  },
};

function received(name: SignalName): ReceivedSignal {
  const isKey = name === 'SIGINT' || name === 'SIGQUIT';
  return { name, isFromTerminal: isKey && isInForeground() };
}

/**
 * Whether a key such as Ctrl-C reaches this process. Who sends SIGINT by hand to a process in the
 * foreground is not told apart from its keyboard: a signal has no sender in Node.js.
 */
function isInForeground(): boolean {
  try {
    // Fields 5 and 8 of `stat`: our group, and the one in the foreground of our terminal.
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] === fields[5];
  } catch {
    return process.stdin.isTTY || process.stdout.isTTY; // No Linux.
  }
}
