import { ListenError } from '@fairway/serving';
import { CommandError } from './command-error.ts';

/** An address that is taken, told with the flag that picks another one; any other error as it is. */
export function withListenRemedy(error: unknown, flag: string): unknown {
  if (!(error instanceof ListenError) || error.problem !== 'address-in-use') return error;
  return new CommandError(`${error.message}; ${flag} picks a free one`, { cause: error });
}
