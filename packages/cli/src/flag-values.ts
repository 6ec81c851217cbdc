import { parseDuration, parseTruthValue } from '@fairway/protocol';
import { CommandError } from './command-error.ts';

/** An empty name is a variable that was not set, and would stand for the folder one is in. */
export function namedFile(text: string): string {
  if (text !== '') return text;
  throw new CommandError('the name is empty; name a folder or file, or leave the flag out');
}

/** The names of a list with commas, after those of the lists before it. */
export function appendNames(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((name) => name.trim())];
}

/** Collects the values of a repeatable flag. */
export function append(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/** What a flag that may stand alone says; undefined when it is not given. Errors: `CommandError`. */
export function truthOf(flag: string, value: string | boolean | undefined): boolean | undefined {
  if (typeof value !== 'string') return value;
  const truth = parseTruthValue(value);
  if (truth !== undefined) return truth;
  throw new CommandError(`cannot use ${flag} ${JSON.stringify(value)}: it is true or false`);
}

/** Reads the value of a flag. Errors: a `RangeError` of the reader becomes a `CommandError` that names the flag. */
export function attempt<T>(flag: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CommandError(`cannot use ${flag}: ${cause.message}`, { cause });
  }
}

/** Reads a port to listen on; 0 picks a free one. Errors: `CommandError`. */
export function listenPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new CommandError(
    `cannot listen on port ${JSON.stringify(text)}: a port is a number from 0 to 65535, and 0 picks a free one`,
  );
}

/** As long as kubectl waits where nobody says how long: a week. */
export const longestMs = 7 * 24 * 3_600_000;

/** How long a flag says to wait, in milliseconds; less than nothing is a week, and so is more. Errors: `CommandError`. */
export function readTimeLimit(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms < 0 ? longestMs : Math.min(ms, longestMs);
  throw new CommandError(`${flag} ${JSON.stringify(text)} is no time: write 30s or 5m`);
}
