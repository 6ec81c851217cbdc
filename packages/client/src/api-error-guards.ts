import { ApiError } from '@fairway/protocol';

/** True for the refusal of something that does not exist. */
export function isNotFound(error: unknown): error is ApiError {
  return isRefusal(error, 404, 'NotFound');
}

/** True when the object has changed since it was read, or a field belongs to another manager. */
export function isConflict(error: unknown): error is ApiError {
  return isRefusal(error, 409, 'Conflict');
}

/** True when the name is taken. */
export function isAlreadyExists(error: unknown): error is ApiError {
  return isRefusal(error, 409, 'AlreadyExists');
}

/** True when the server does not know who is asking. */
export function isUnauthorized(error: unknown): error is ApiError {
  return isRefusal(error, 401, 'Unauthorized');
}

/** True when the server knows who is asking, and that they may not. */
export function isForbidden(error: unknown): error is ApiError {
  return isRefusal(error, 403, 'Forbidden');
}

/** True when a version or a continue token is too old: list again. */
export function isExpired(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 410;
}

/** True when a version is newer than what the server has seen yet: ask again later. */
export function isTooLargeResourceVersion(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.code !== 504) return false;
  const causes = error.status.details?.causes ?? [];
  return (
    causes.some((cause) => cause.reason === 'ResourceVersionTooLarge') ||
    error.message.includes('Too large resource version')
  );
}

/** True when something cannot be created because its namespace is being deleted. */
export function isNamespaceTerminating(error: unknown): error is ApiError {
  if (!isForbidden(error)) return false;
  return (error.status.details?.causes ?? []).some(
    ({ reason }) => reason === 'NamespaceTerminating',
  );
}

/** True when the object breaks a rule; `error.status.details.causes` names the fields. */
export function isInvalid(error: unknown): error is ApiError {
  return isRefusal(error, 422, 'Invalid');
}

/** True when the server wants to be asked less. */
export function isTooManyRequests(error: unknown): error is ApiError {
  return isRefusal(error, 429, 'TooManyRequests');
}

/** True when the server gave up waiting. */
export function isTimeout(error: unknown): error is ApiError {
  return isRefusal(error, 504, 'Timeout');
}

function isRefusal(error: unknown, code: number, reason: string): error is ApiError {
  return error instanceof ApiError && error.code === code && error.reason === reason;
}
