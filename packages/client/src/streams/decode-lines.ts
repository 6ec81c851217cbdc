import { LineTooLongError } from '@fairway/protocol';

/** Beyond this a line is not waited for. */
const lineCharactersMax = 16 * 1024 * 1024;

/**
 * Cuts text into its lines, without their newlines; blank lines count. What follows the last
 * newline is a line, unless it is empty.
 *
 * Errors: `LineTooLongError` beyond 16 Mi characters.
 */
export async function* decodeLines(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    const [rest = '', ...lines] = decoder.decode(chunk, { stream: true }).split('\n').reverse();
    for (const line of lines.reverse()) {
      yield pending.join('') + line;
      pending = [];
      length = 0;
    }
    pending.push(rest);
    length += rest.length;
    if (length > lineCharactersMax) throw new LineTooLongError(lineCharactersMax);
  }
  const last = pending.join('') + decoder.decode();
  if (last !== '') yield last;
}
