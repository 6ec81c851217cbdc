import { type HttpBody, onUpgradeEnd } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import { isLongRunning, noted } from '../observation/request-notes.ts';

/**
 * The same proxy, whose watches end when `ending` aborts, as a server ends them: properly, so that clients go on with
 * another one. Streams over WebSockets are cut if they are watches. Answers of applications, which may have an end of
 * their own, are left to it.
 */
export function endWatches(ending: AbortSignal, proxy: Proxy): Proxy {
  return {
    handler: async (received) => {
      const request = noted(received);
      const response = await proxy.handler(request);
      const { body } = response;
      if (body === undefined || body instanceof Uint8Array || !isLongRunning(request)) {
        return response;
      }
      return { ...response, body: untilEnding(body, ending) };
    },
    upgradeHandler: async (received) => {
      const request = noted(received);
      const answer = await proxy.upgradeHandler(request);
      if (answer.kind === 'refused' || !isLongRunning(request)) return answer;
      const end = (): void => answer.stream.destroy();
      ending.addEventListener('abort', end, { once: true });
      if (ending.aborted) end();
      return onUpgradeEnd(answer, () => ending.removeEventListener('abort', end));
    },
  };
}

const over = { done: true, value: undefined } as const;

/** For a reader that waits for one part at a time, as all of them do. */
function untilEnding(
  body: Exclude<HttpBody, undefined | Uint8Array>,
  ending: AbortSignal,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const parts = body[Symbol.asyncIterator]();
      /** Answers who waits for the next part; undefined: nobody does. */
      let endNext: (() => void) | undefined;
      const leave = async (): Promise<typeof over> => {
        ending.removeEventListener('abort', end);
        await parts.return?.();
        return over;
      };
      const end = (): void => {
        endNext?.();
        // Its source may wait for a part that never comes, and is left without waiting for it.
        leave().catch(() => {});
      };
      if (!ending.aborted) ending.addEventListener('abort', end, { once: true });
      return {
        next: async () => {
          if (ending.aborted) {
            end();
            return over;
          }
          const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array>>();
          endNext = () => resolve(over);
          parts.next().then(resolve, reject);
          try {
            const result = await promise;
            if (result.done === true) ending.removeEventListener('abort', end);
            return result;
          } catch (error) {
            ending.removeEventListener('abort', end);
            throw error;
          } finally {
            endNext = undefined;
          }
        },
        return: leave,
      };
    },
  };
}
