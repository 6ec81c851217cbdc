import { checkPathSegment, type Draft, invalidValue, required } from '@fairway/protocol';
import type { CrossVersionObjectReference } from '@fairway/kinds/autoscaling/v2';

import type { FieldErrors } from '../field-checks.ts';

interface ReferencePlace {
  readonly field: string;
  /** Whether the core group may be meant. */
  readonly mayLackGroup: boolean;
  /** What stood there before an update: a version that was let pass then may stay. */
  readonly stored?: Draft<CrossVersionObjectReference>;
}

/**
 * What is wrong with a reference to an object of any kind, by kind, name and API version.
 * Source: autoscaling/v2 CrossVersionObjectReference; autoscaling validation.
 */
export function validateObjectReference(
  reference: Draft<CrossVersionObjectReference>,
  { field, mayLackGroup, stored }: ReferencePlace,
  errors: FieldErrors,
): void {
  for (const name of ['kind', 'name'] as const) {
    const value = reference[name];
    const path = `${field}.${name}`;
    if (!value) {
      errors.push(required(path));
      continue;
    }
    const wrong = checkPathSegment(value);
    if (wrong !== undefined) errors.push(invalidValue(path, value, wrong));
  }
  const wrongVersion = checkApiVersion(reference.apiVersion ?? '', mayLackGroup);
  if (wrongVersion === undefined) return;
  if (stored && checkApiVersion(stored.apiVersion ?? '', mayLackGroup) !== undefined) return;
  errors.push(invalidValue(`${field}.apiVersion`, reference.apiVersion ?? '', wrongVersion));
}

function checkApiVersion(apiVersion: string, mayLackGroup: boolean): string | undefined {
  const slashes = apiVersion.split('/').length - 1;
  if (slashes > 1) return `unexpected GroupVersion string: ${apiVersion}`;
  const hasGroup = slashes === 1 && !apiVersion.startsWith('/');
  return hasGroup || mayLackGroup ? undefined : 'apiVersion must specify API group';
}
