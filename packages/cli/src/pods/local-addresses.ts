import { isIP } from 'node:net';
import { CommandError } from '../command-error.ts';

/** Where a command listens. */
export interface LocalAddress {
  readonly address: string;
  /** Nobody needs it where the machine has it not, or the port is taken there: another one is meant as well. */
  readonly isOneOfSeveral: boolean;
}

/** Reads `--address`: `localhost` and IP addresses. Errors: `CommandError`. */
export function readLocalAddresses(texts: readonly string[]): readonly LocalAddress[] {
  const addresses = texts.flatMap((text): readonly LocalAddress[] => {
    if (text === 'localhost') {
      return ['127.0.0.1', '::1'].map((address) => ({ address, isOneOfSeveral: true }));
    }
    if (isIP(text) !== 0) return [{ address: text, isOneOfSeveral: false }];
    throw new CommandError(`${text} is not a valid IP; --address takes these and localhost`);
  });
  return addresses.filter(
    ({ address }, at) => addresses.findIndex((each) => each.address === address) === at,
  );
}
