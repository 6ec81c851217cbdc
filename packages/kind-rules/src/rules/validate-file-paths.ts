import { invalidValue } from '@fairway/protocol';

import type { FieldErrors } from '../field-checks.ts';

/** Source: core validation, validateLocalDescendingPath and its kin. */
export function expectFileMode(mode: number | undefined, field: string, errors: FieldErrors): void {
  if (mode !== undefined && mode !== null && (mode < 0 || mode > 0o777)) {
    const text = 'must be a number between 0 and 0777 (octal), both inclusive';
    errors.push(invalidValue(field, mode, text));
  }
}

/** A relative path that stays below where it starts. */
export function expectDescendingPath(path: string, field: string, errors: FieldErrors): void {
  if (path.startsWith('/')) errors.push(invalidValue(field, path, 'must be a relative path'));
  expectNoBacksteps(path, field, errors);
}

/** A relative path that stays below and does not look like the kubelet's own files. */
export function expectLocalPath(path: string, field: string, errors: FieldErrors): void {
  expectDescendingPath(path, field, errors);
  if (path.startsWith('..') && path !== '..' && !path.startsWith('../')) {
    errors.push(invalidValue(field, path, "must not start with '..'"));
  }
}

export function expectNoBacksteps(path: string, field: string, errors: FieldErrors): void {
  if (path.includes('..') && path.split('/').includes('..')) {
    errors.push(invalidValue(field, path, "must not contain '..'"));
  }
}
