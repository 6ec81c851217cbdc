import { inspect } from 'node:util';
import type { Clock, LogFields, Logger } from '@fairway/host';
import { explainsItself } from '../report-failure.ts';
import type { Output } from './output.ts';

/** Logs warnings and errors as lines of text on the error output. */
export function lineLogger(output: Output, clock: Clock): Logger {
  const log = (level: string, message: string, fields: LogFields = {}): void => {
    const time = new Date(clock.now()).toISOString();
    void output.writeError(`${time} ${level} ${message}${formatFields(fields)}\n`);
  };
  return {
    debug() {},
    info() {},
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
  };
}

function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${formatValue(value)}`)
    .join('');
}

// What was expected to happen needs no stack.
function describeError(error: Error): string {
  return explainsItself(error) ? error.message : (error.stack ?? error.message);
}

function formatValue(value: unknown): string {
  const text =
    value instanceof Error
      ? describeError(value)
      : typeof value === 'string'
        ? value
        : inspect(value, { breakLength: Infinity });
  return /^[\w./:-]+$/.test(text) ? text : JSON.stringify(text);
}
