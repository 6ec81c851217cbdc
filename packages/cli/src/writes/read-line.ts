import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';

/** Nobody types more to be asked something. */
const lineBytesMax = 64 * 1024;

/**
 * The next line of the input, without its end, as soon as it is there; what there is where the input ends before. What
 * comes after it is lost. Errors: `CommandError` for a line that is too long; the reason of `signal`.
 */
export async function readLine({
  input,
  signal,
}: Pick<CommandContext, 'input' | 'signal'>): Promise<string> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([lineOf(input), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function lineOf(input: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of input) {
    const end = bytes.indexOf(0x0a);
    const part = end === -1 ? bytes : bytes.subarray(0, end);
    parts.push(part);
    length += part.length;
    if (length > lineBytesMax) {
      throw new CommandError(`the answer is longer than ${lineBytesMax} bytes; write y or n`);
    }
    if (end !== -1) break;
  }
  return Buffer.concat(parts).toString();
}
