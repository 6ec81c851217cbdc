import { type Draft, invalidValue, required, tooLong, stringifyJson } from '@fairway/protocol';
import type { OpaqueDeviceConfiguration } from '@fairway/kinds/resource/v1';

import type { FieldErrors } from '../field-checks.ts';
import { expectDriverName } from './validate-device-names.ts';

const parameterBytesMax = 10 * 1024;

/**
 * What is wrong with what a driver is told, which only it understands.
 * Source: resource.k8s.io/v1 DeviceConfiguration; resource validation.
 */
export function validateDeviceConfiguration(
  { opaque }: { readonly opaque?: Draft<OpaqueDeviceConfiguration> },
  field: string,
  errors: FieldErrors,
): void {
  if (!opaque) {
    errors.push(required(`${field}.opaque`));
    return;
  }
  expectDriverName(opaque.driver ?? '', `${field}.opaque.driver`, errors);
  expectJsonObject(
    opaque.parameters,
    { field: `${field}.opaque.parameters`, bytesMax: parameterBytesMax },
    errors,
  );
}

/** An object of any shape that is not too long as JSON. */
export function expectJsonObject(
  value: unknown,
  { field, bytesMax }: { readonly field: string; readonly bytesMax: number },
  errors: FieldErrors,
): void {
  if (value === undefined || value === null) errors.push(required(field));
  else if (Buffer.byteLength(stringifyJson(value)) > bytesMax) {
    errors.push(tooLong(field, bytesMax));
  } else if (typeof value !== 'object' || Array.isArray(value)) {
    errors.push(invalidValue(field, '<value omitted>', 'must be a valid JSON object'));
  }
}
