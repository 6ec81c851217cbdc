import { StoreUnavailableError } from '@fairway/store';
import { CommandError } from '../command-error.ts';
import { quotedPath } from '../quoted-path.ts';

/** A damaged store, told with commands that look where it lies; any other error as it is. */
export function withStoreRemedy(error: unknown, dataDirectory: string): unknown {
  if (!(error instanceof StoreUnavailableError)) return error;
  const flag = `--data-dir ${quotedPath(dataDirectory)}`;
  const message = error.message.replaceAll(
    /`fairway store (check|repair)`/g,
    (_, word: string) => `\`fairway store ${word} ${flag}\``,
  );
  return new CommandError(message, { cause: error });
}
