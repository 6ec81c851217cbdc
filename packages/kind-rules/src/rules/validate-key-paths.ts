import { type Draft, required } from '@fairway/protocol';
import type { KeyToPath } from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';
import { expectFileMode, expectLocalPath } from './validate-file-paths.ts';

/**
 * What is wrong with the choice of keys that become files.
 * Source: core validation, validateKeyToPath.
 */
export function validateKeyPaths(
  items: readonly Draft<KeyToPath>[],
  field: string,
  errors: FieldErrors,
): void {
  items.forEach((item, index) => {
    const path = `${field}[${index}]`;
    if (!item.key) errors.push(required(`${path}.key`));
    if (!item.path) errors.push(required(`${path}.path`));
    expectLocalPath(item.path ?? '', `${path}.path`, errors);
    expectFileMode(item.mode, `${path}.mode`, errors);
  });
}
