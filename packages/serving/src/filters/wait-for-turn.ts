import { giveWay } from '@fairway/host';
import type { Handler, HttpRequest } from '@fairway/protocol';

/** Has requests that come at once wait for a turn each, when the time of this one is used up. */
export function waitForTurn<R extends HttpRequest>(next: Handler<R>): Handler<R> {
  return async (request) => {
    await giveWay();
    return next(request);
  };
}
