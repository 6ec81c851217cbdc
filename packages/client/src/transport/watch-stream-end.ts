import type { ClientHttp2Stream } from 'node:http2';

/**
 * Tells later whether a stream was reset before its message had ended.
 *
 * Node.js ends what is read in both cases, and a reset that says NO_ERROR leaves no other trace. But
 * only a reset has closed the stream before the end is handed over. Source: RFC 9113 §8.1.
 */
export function watchStreamEnd(stream: ClientHttp2Stream): () => boolean {
  let isReset: boolean | undefined;
  const push = stream.push.bind(stream);
  stream.push = (chunk, encoding) => {
    if (chunk === null) isReset ??= stream.closed && !stream.endAfterHeaders;
    return push(chunk, encoding);
  };
  return () => stream.aborted || (stream.rstCode ?? 0) !== 0 || isReset === true;
}
