import { ApiError, type HttpHeaders } from '@fairway/protocol';

/** The same refusal with these headers beside its own. */
export function refusalWithHeaders(error: ApiError, headers: HttpHeaders): ApiError {
  const { status, detail, cause } = error;
  return new ApiError(status, {
    cause,
    headers: { ...error.headers, ...headers },
    ...(detail === undefined ? {} : { detail }),
  });
}
