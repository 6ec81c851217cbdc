import type { DeleteOptions } from './call-options.ts';
import { requireText } from './resource-path.ts';

/** The DeleteOptions of a call; undefined when it says nothing. */
export function deleteBody(options: DeleteOptions): object | undefined {
  const said = {
    ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    ...deletionOf(options),
  };
  if (Object.keys(said).length === 0) return undefined;
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...said };
}

/**
 * What a caller says about how an object goes. Errors: `TypeError` for a precondition that is given
 * but undefined, because JSON would drop it, and the object would be deleted without.
 */
export function deletionOf({
  gracePeriodSeconds,
  propagationPolicy,
  preconditions,
}: DeleteOptions): Pick<
  DeleteOptions,
  'gracePeriodSeconds' | 'propagationPolicy' | 'preconditions'
> {
  for (const [field, value] of Object.entries(preconditions ?? {})) {
    requireText(value, `the precondition "${field}"`);
  }
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}
