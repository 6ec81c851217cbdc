import { ApiError, type HttpRequest } from '@fairway/protocol';

/**
 * What the first of several ways answers. Goes on to the next one only where the one before got nothing of the
 * request.
 *
 * Errors: what the last one threw; undefined when there was no way.
 */
export async function firstReached<Way, Answer>(
  ways: AsyncIterable<Way>,
  request: Pick<HttpRequest, 'body'>,
  ask: (way: Way) => Promise<Answer>,
): Promise<Answer> {
  let failure: unknown;
  for await (const way of ways) {
    try {
      return await ask(way);
    } catch (error) {
      failure = error;
      // A body that is a stream may be gone in part.
      if (!isUnsent(error) || request.body !== undefined) break;
    }
  }
  throw failure;
}

function isUnsent(error: unknown): boolean {
  const cause = error instanceof ApiError ? error.cause : undefined;
  return cause instanceof Error && 'isUnsent' in cause && cause.isUnsent === true;
}
