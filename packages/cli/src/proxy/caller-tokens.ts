import {
  type Authenticator,
  StaticTokenFileError,
  type TokenAuthenticator,
  bearerTokenAuthenticator,
  parseStaticTokenFile,
  staticTokenAuthenticator,
} from '@fairway/access';
import { type Host, type Logger, messageOf } from '@fairway/host';
import { CommandError } from '../command-error.ts';

/** How long what was read of the file counts without looking at it again. */
const freshMs = 1_000;

/**
 * Knows callers by the tokens in a file, each on a line, with a name after a comma. The file may change meanwhile: it is
 * looked at again when somebody asks, at most once a second. One that cannot be read then leaves the tokens as they were.
 *
 * Errors: `CommandError` for a file that cannot be read at first.
 */
export async function callersOf(
  { files, clock }: Pick<Host, 'files' | 'clock'>,
  logger: Logger,
  path: string,
): Promise<Authenticator> {
  const read = async (): Promise<string> => {
    const bytes = await files.read(path);
    if (bytes === undefined) throw new CommandError(`there is no file ${path}`);
    return Buffer.from(bytes).toString();
  };
  let text = await read();
  let known = tokensIn(path, text);
  let lookedMs = clock.elapsed();
  let looking: Promise<void> | undefined;
  let complaint = '';
  const look = async (): Promise<void> => {
    try {
      const now = await read();
      if (now !== text) known = tokensIn(path, now);
      text = now;
      complaint = '';
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== complaint) logger.error('the tokens of callers stay as they were', { reason });
      complaint = reason;
    }
    lookedMs = clock.elapsed();
    looking = undefined;
  };
  return bearerTokenAuthenticator(async (token, audiences) => {
    if (clock.elapsed() - lookedMs >= freshMs) await (looking ??= look());
    return known(token, audiences);
  });
}

function tokensIn(path: string, text: string): TokenAuthenticator {
  try {
    const tokens = parseStaticTokenFile(text, { columnsMin: 1 });
    if (tokens.length === 0) throw new StaticTokenFileError('it has no token');
    return staticTokenAuthenticator(tokens);
  } catch (error) {
    if (!(error instanceof StaticTokenFileError)) throw error;
    throw new CommandError(
      `cannot use --token-file ${path}: ${error.message.replace(/; write a line.*$/, '')}; write a line as TOKEN,NAME for each caller`,
      { cause: error },
    );
  }
}
