import { isAlreadyExists, isConflict, isNotFound } from '@fairway/client';

/**
 * Waits for a write: what it answered, or undefined where its object is gone, or was made or changed by
 * somebody else, whose event will call for it again.
 */
export async function unlessOutdated<T>(writing: Promise<T>): Promise<T | undefined> {
  try {
    return await writing;
  } catch (error) {
    if (isNotFound(error) || isConflict(error) || isAlreadyExists(error)) return undefined;
    throw error;
  }
}
