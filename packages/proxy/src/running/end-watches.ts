import { type HttpBody, type HttpRequest, readBoolean } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';

/** Whether an answer goes on until somebody ends it: a watch, or a log that is followed. */
export function isLongRunning({ path, query }: Pick<HttpRequest, 'path' | 'query'>): boolean {
  if (query === '') return path.includes('/watch/');
  const values = new URLSearchParams(query);
  return readBoolean(values, 'watch') === true || readBoolean(values, 'follow') === true;
}

/**
 * The same proxy, whose watches end when `ending` aborts, as a server ends them: properly, so that clients go on with
 * another one. Streams over WebSockets are cut if they are watches.
 */
export function endWatches(ending: AbortSignal, proxy: Proxy): Proxy {
  return {
    handler: async (request) => {
      const response = await proxy.handler(request);
      const { body } = response;
      if (body === undefined || body instanceof Uint8Array || !isLongRunning(request)) {
        return response;
      }
      return { ...response, body: untilEnding(body, ending) };
    },
    upgradeHandler: async (request) => {
      const answer = await proxy.upgradeHandler(request);
      if (answer.kind === 'accepted' && isLongRunning(request)) {
        const end = (): void => answer.stream.destroy();
        ending.addEventListener('abort', end, { once: true });
        void answer.stream.closed.then(() => ending.removeEventListener('abort', end));
        if (ending.aborted) end();
      }
      return answer;
    },
  };
}

function untilEnding(
  body: Exclude<HttpBody, undefined | Uint8Array>,
  ending: AbortSignal,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const parts = body[Symbol.asyncIterator]();
      const over = { done: true, value: undefined } as const;
      let end = (): void => {};
      const ended = new Promise<typeof over>((resolve) => {
        end = () => resolve(over);
        if (ending.aborted) end();
        else ending.addEventListener('abort', end, { once: true });
      });
      const leave = async (): Promise<typeof over> => {
        ending.removeEventListener('abort', end);
        await parts.return?.();
        return over;
      };
      return {
        async next() {
          const next = parts.next();
          const result = await Promise.race([next, ended]);
          if (result !== over) return result;
          // Its source may wait for a part that never comes, and is left without waiting for it.
          next.catch(() => {});
          leave().catch(() => {});
          return over;
        },
        return: leave,
      };
    },
  };
}
