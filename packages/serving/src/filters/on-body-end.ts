import type { HttpResponse } from '@fairway/protocol';

/**
 * The same response; `run` is called once when the source of the body is no longer needed: at once
 * for a body that is there already, and for a stream when it ends, fails, or its reader leaves.
 */
export function onBodyEnd(response: HttpResponse, run: () => void): HttpResponse {
  const { body } = response;
  if (body !== undefined && !(body instanceof Uint8Array)) {
    return { ...response, body: withEnd(body, run) };
  }
  run();
  return response;
}

// Not a generator: its `finally` would not run when the reader leaves before the first chunk.
function withEnd(body: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = body[Symbol.asyncIterator]();
      let hasEnded = false;
      const end = (): void => {
        if (!hasEnded) onEnd();
        hasEnded = true;
      };
      return {
        async next() {
          try {
            const result = await iterator.next();
            if (result.done === true) end();
            return result;
          } catch (error) {
            end();
            throw error;
          }
        },
        async return() {
          end();
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
