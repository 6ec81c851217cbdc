import { type Handler, apiError } from '@fairway/protocol';

/** Leads each path to its own handler. Errors: NotFound `ApiError` for any other one. */
export function routeByPath(handlers: Readonly<Record<string, Handler>>): Handler {
  return async (request) => {
    const handler = Object.hasOwn(handlers, request.path) ? handlers[request.path] : undefined;
    if (handler !== undefined) return handler(request);
    const known = Object.keys(handlers).join(', ');
    throw apiError('NotFound', `nothing answers ${request.path}; there are ${known}`);
  };
}
