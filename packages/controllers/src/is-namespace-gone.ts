import { ApiError } from '@fairway/protocol';
import { isNotFound } from '@fairway/client';

/** True when a create was refused because its namespace is gone, or on its way. */
export function isNamespaceGone(error: unknown): boolean {
  if (isNotFound(error)) return true;
  if (!(error instanceof ApiError)) return false;
  return (error.status.details?.causes ?? []).some(
    ({ reason }) => reason === 'NamespaceTerminating',
  );
}
