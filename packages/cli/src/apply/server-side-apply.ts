import { ApiError, type ApplyShape, type DynamicObject, isConflict } from '@fairway/client';
import { CommandError } from '../command-error.ts';
import { type SelectedObject, placeOf } from '../selection/select-objects.ts';
import type { Applying } from './client-side-apply.ts';

/**
 * Has the server give an object what a file says of it, and note whose fields these are.
 *
 * Errors: `CommandError` for fields of others: which, whose, and what to do.
 */
export async function applyOnServer(
  { client, options, isForced }: Applying,
  selected: SelectedObject,
): Promise<DynamicObject> {
  const { resource, object, source = '' } = selected;
  const place = placeOf(selected);
  const { managedFields, ...metadata } = object?.metadata ?? {};
  if (managedFields !== undefined && (managedFields as readonly unknown[]).length > 0) {
    throw new CommandError(
      `${source}: metadata.managedFields must be left out of what is applied: take it out of the file`,
    );
  }
  // What the server alone sets is refused by it, in its words.
  const wanted = { ...object, metadata } as unknown as ApplyShape<DynamicObject>;
  try {
    return await client.apply(resource, wanted, { ...options, ...place, force: isForced });
  } catch (error) {
    if (!isConflict(error) || !(error instanceof ApiError)) throw error;
    const conflicts = (error.status.details?.causes ?? []).filter(
      ({ reason }) => reason === 'FieldManagerConflict',
    );
    if (conflicts.length === 0) throw error;
    const count = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`;
    throw new CommandError(`${source}: Apply failed with ${count}`, {
      cause: error,
      lines: [
        ...conflicts.map(({ field = '', message = '' }) => `${field}: ${message}`),
        'These fields are of other managers. To take them over: `fairway apply --server-side --force-conflicts`;',
        'to leave them to the others, take them out of the file;',
        'to own them too, write the values that they have (fairway get -o yaml).',
      ],
    });
  }
}
