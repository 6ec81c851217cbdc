import { type Draft, forbiddenField, invalidValue, required } from '@fairway/protocol';
import type {
  KeyToPath,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { validateKeyPaths } from './validate-key-paths.ts';
import { validateDownwardFiles } from './validate-downward-files.ts';
import { expectFileMode, expectLocalPath } from './validate-file-paths.ts';

/**
 * What is wrong with a volume that puts several sources into one directory: no two may write the
 * same file.
 * Source: core validation, validateProjectedVolumeSource.
 */
export function validateProjectedVolume(
  projected: Draft<ProjectedVolumeSource>,
  field: string,
  errors: FieldErrors,
): void {
  expectFileMode(projected.defaultMode, `${field}.defaultMode`, errors);
  const paths = new Set<string>();
  projected.sources?.forEach((source, index) => {
    const path = `${field}.sources[${index}]`;
    validateProjection(source, { field: path, volumeField: field, paths }, errors);
    const given = Object.values(source).filter((value) => value !== undefined && value !== null);
    if (given.length > 1) {
      errors.push(forbiddenField(path, 'may not specify more than 1 volume type per source'));
    }
  });
}

interface ProjectionPlace {
  readonly field: string;
  readonly volumeField: string;
  /** File paths taken so far by all sources of the volume. */
  readonly paths: Set<string>;
}

function validateProjection(
  source: Draft<VolumeProjection>,
  place: ProjectionPlace,
  errors: FieldErrors,
): void {
  const { field } = place;
  if (source.secret) {
    validateKeyed(source.secret, { ...place, field: `${field}.secret` }, errors);
  }
  if (source.configMap) {
    validateKeyed(source.configMap, { ...place, field: `${field}.configMap` }, errors);
  }
  if (source.downwardAPI) {
    const items = source.downwardAPI.items ?? [];
    validateDownwardFiles(items, `${field}.downwardAPI`, errors);
    for (const item of items) takePath(item.path, { ...place, value: item.path ?? '' }, errors);
  }
  if (source.serviceAccountToken) {
    validateToken(source.serviceAccountToken, place, errors);
  }
  if (source.clusterTrustBundle) validateTrustBundle(source, place, errors);
}

function validateKeyed(
  source: { readonly name?: string; readonly items?: readonly Draft<KeyToPath>[] },
  place: ProjectionPlace,
  errors: FieldErrors,
): void {
  if (!source.name) errors.push(required(`${place.field}.name`));
  validateKeyPaths(source.items ?? [], `${place.field}.items`, errors);
  for (const item of source.items ?? []) {
    takePath(item.path, { ...place, value: source.name ?? '' }, errors);
  }
}

function takePath(
  path: string | undefined,
  place: ProjectionPlace & { readonly value: string },
  errors: FieldErrors,
): void {
  if (!path) return;
  if (place.paths.has(path)) {
    errors.push(invalidValue(place.volumeField, place.value, 'conflicting duplicate paths'));
  }
  place.paths.add(path);
}

function validateToken(
  token: Draft<ServiceAccountTokenProjection>,
  place: ProjectionPlace,
  errors: FieldErrors,
): void {
  const seconds = token.expirationSeconds ?? 3600;
  const field = `${place.field}.serviceAccountToken.expirationSeconds`;
  if (seconds < 600) {
    errors.push(invalidValue(field, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > 2 ** 32) {
    errors.push(
      invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds'),
    );
  }
  if (!token.path) errors.push(required(`${place.volumeField}.path`));
  else expectLocalPath(token.path, `${place.volumeField}.path`, errors);
}

function validateTrustBundle(
  source: Draft<VolumeProjection>,
  place: ProjectionPlace,
  errors: FieldErrors,
): void {
  const bundle = source.clusterTrustBundle ?? {};
  const field = `${place.field}.clusterTrustBundle`;
  if (bundle.name !== undefined && bundle.signerName !== undefined) {
    errors.push(invalidValue(field, bundle, 'only one of name and signerName may be used'));
  } else if (bundle.name !== undefined) {
    if (bundle.name === '') errors.push(required(`${field}.name`, 'must be a valid object name'));
    if (bundle.labelSelector) {
      const text = 'labelSelector must be unset if name is specified';
      errors.push(invalidValue(`${field}.labelSelector`, bundle.labelSelector, text));
    }
  } else if (bundle.signerName !== undefined) {
    if (bundle.signerName === '') {
      errors.push(required(`${field}.signerName`, 'must be a valid signer name'));
    }
    validateLabelSelector(bundle.labelSelector, `${field}.labelSelector`, errors);
  } else {
    errors.push(required(field, 'either name or signerName must be specified'));
  }
  if (!bundle.path) errors.push(required(`${field}.path`));
  expectLocalPath(bundle.path ?? '', `${field}.path`, errors);
  takePath(bundle.path, { ...place, value: bundle.path ?? '' }, errors);
}
