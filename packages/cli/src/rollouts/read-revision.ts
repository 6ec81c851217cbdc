import { CommandError } from '../command-error.ts';

/** Reads the number of a revision; 0 stands for the one that a command takes by itself. Errors: `CommandError`. */
export function readRevision(noun: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CommandError(`${noun} must be a positive integer: ${text}`);
}
