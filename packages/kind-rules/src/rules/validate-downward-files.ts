import { type Draft, invalidValue, required } from '@fairway/protocol';
import type { DownwardAPIVolumeFile } from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';
import { validateFieldRef, validateResourceFieldRef } from './validate-environment.ts';
import { expectFileMode, expectLocalPath } from './validate-file-paths.ts';

const volumeFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/**
 * What is wrong with files that hold fields of the pod.
 * Source: core validation, validateDownwardAPIVolumeFile.
 */
export function validateDownwardFiles(
  files: readonly Draft<DownwardAPIVolumeFile>[],
  field: string,
  errors: FieldErrors,
): void {
  for (const file of files) {
    if (!file.path) errors.push(required(`${field}.path`));
    expectLocalPath(file.path ?? '', `${field}.path`, errors);
    if (file.fieldRef) {
      const place = { field: `${field}.fieldRef`, supported: volumeFields };
      validateFieldRef(file.fieldRef, place, errors);
      if (file.resourceFieldRef) {
        const text = 'fieldRef and resourceFieldRef can not be specified simultaneously';
        errors.push(invalidValue(field, 'resource', text));
      }
    } else if (file.resourceFieldRef) {
      const place = { field: `${field}.resourceFieldRef`, isContainerNamed: true };
      validateResourceFieldRef(file.resourceFieldRef, place, errors);
    } else {
      errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
    }
    expectFileMode(file.mode, `${field}.mode`, errors);
  }
}
