import type { Next } from '@fairway/access';
import { type ApiError, type HttpRequest, apiError } from '@fairway/protocol';
import { StoreUnavailableError } from '@fairway/store';

/**
 * The filter that turns a failure of the store into 503 with its reason. The caller did nothing
 * wrong, and may try again when the cause is gone; what lies where on this machine is for the log.
 */
export function answerStoreFailures<Request extends HttpRequest, Reply>(
  next: Next<Request, Reply>,
): Next<Request, Reply> {
  return async (request) => {
    try {
      return await next(request);
    } catch (error) {
      throw error instanceof StoreUnavailableError ? storeUnavailable(error) : error;
    }
  };
}

/** The 503 for a store that is unavailable, with the reason. */
export function storeUnavailable(error: StoreUnavailableError): ApiError {
  const message = `the storage of this server is not available: ${error.reason}`;
  const forTheLog = { detail: error.message, cause: error };
  return apiError('ServiceUnavailable', message, undefined, forTheLog);
}
