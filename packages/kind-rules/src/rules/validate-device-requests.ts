import {
  checkLabelValue,
  type Draft,
  invalidValue,
  required,
  tooLong,
  unsupported,
} from '@fairway/protocol';
import type {
  CapacityRequirements,
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
} from '@fairway/kinds/resource/v1';

import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectQualifiedName,
  type FieldErrors,
} from '../field-checks.ts';
import { validateDeviceConfiguration } from './validate-device-configuration.ts';
import {
  expectFullyQualified,
  expectQualifiedIdentifier,
  expectRequestName,
  type RequestNames,
  validateBoundedList,
} from './validate-device-names.ts';

const requestsMax = 32;
const constraintsMax = 32;
const configurationsMax = 32;
const alternativesMax = 8;
const selectorsMax = 32;
const tolerationsMax = 16;
const expressionBytesMax = 10 * 1024;

/** The requests of a claim by name. Source: resource.k8s.io/v1 DeviceClaim. */
export function requestNamesOf(claim: Draft<DeviceClaim> | undefined): RequestNames {
  const requests = claim?.requests ?? [];
  return new Map(
    requests.map(({ name = '', firstAvailable = [] }) => [
      name,
      new Set(firstAvailable.map((alternative) => alternative.name ?? '')),
    ]),
  );
}

/** What is wrong with what devices a claim wants. Source: resource validation; KEP-4381, KEP-4816. */
export function validateDeviceClaim(
  claim: Draft<DeviceClaim> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  const { requests = [], constraints = [], config = [] } = claim ?? {};
  const known = requestNamesOf(claim);
  validateBoundedList(
    requests,
    {
      field: `${field}.requests`,
      countMax: requestsMax,
      keyOf: (request) => request.name ?? '',
      validate: (request, path) => validateRequest(request, path, errors),
    },
    errors,
  );
  validateBoundedList(
    constraints,
    {
      field: `${field}.constraints`,
      countMax: constraintsMax,
      validate: (constraint, path) => {
        validateConstraint(constraint, { field: path, known }, errors);
      },
    },
    errors,
  );
  validateBoundedList(
    config,
    {
      field: `${field}.config`,
      countMax: configurationsMax,
      validate: (each, path) => {
        validateRequestConfiguration(each, { field: path, known }, errors);
      },
    },
    errors,
  );
}

/** What is wrong with settings for some requests of a claim. */
export function validateRequestConfiguration(
  configuration: Draft<DeviceClaimConfiguration>,
  { field, known }: { readonly field: string; readonly known: RequestNames },
  errors: FieldErrors,
): void {
  validateRequestReferences(configuration.requests ?? [], { field, known }, errors);
  validateDeviceConfiguration(configuration, field, errors);
}

/** What is wrong with the requests that something is about; none means all. */
function validateRequestReferences(
  names: readonly string[],
  { field, known }: { readonly field: string; readonly known: RequestNames },
  errors: FieldErrors,
): void {
  validateBoundedList(
    names,
    {
      field: `${field}.requests`,
      countMax: requestsMax,
      keyOf: (name) => name,
      validate: (name, path) => expectRequestName(name, { field: path, known }, errors),
    },
    errors,
  );
}

function validateRequest(request: Draft<DeviceRequest>, field: string, errors: FieldErrors): void {
  expectDnsLabel(request.name ?? '', `${field}.name`, errors);
  const { exactly, firstAvailable = [] } = request;
  const text = 'exactly one of `exactly` or `firstAvailable` is required';
  if (!exactly && firstAvailable.length === 0) errors.push(required(field, text));
  else if (exactly && firstAvailable.length > 0) {
    errors.push(invalidValue(field, null, `${text}, but multiple fields are set`));
  } else if (exactly) validateExactRequest(exactly, `${field}.exactly`, errors);
  else {
    validateBoundedList(
      firstAvailable,
      {
        field: `${field}.firstAvailable`,
        countMax: alternativesMax,
        keyOf: (alternative) => alternative.name ?? '',
        validate: (alternative, path) => {
          expectDnsLabel(alternative.name ?? '', `${path}.name`, errors);
          validateExactRequest(alternative, path, errors);
        },
      },
      errors,
    );
  }
}

function validateExactRequest(
  request: Omit<Draft<ExactDeviceRequest>, 'adminAccess'>,
  field: string,
  errors: FieldErrors,
): void {
  const className = request.deviceClassName ?? '';
  if (className === '') errors.push(required(`${field}.deviceClassName`));
  else expectDnsSubdomain(className, `${field}.deviceClassName`, errors);
  validateDeviceSelectors(request.selectors ?? [], `${field}.selectors`, errors);
  const { allocationMode: mode = '', count = 0 } = request;
  if (mode === 'All') {
    if (count !== 0) {
      const text = "must not be specified when allocationMode is 'All'";
      errors.push(invalidValue(`${field}.count`, count, text));
    }
  } else if (mode === 'ExactCount') {
    if (count <= 0) {
      errors.push(invalidValue(`${field}.count`, count, 'must be greater than zero'));
    }
  } else errors.push(unsupported(`${field}.allocationMode`, mode, ['All', 'ExactCount']));
  validateDeviceTolerations(request.tolerations ?? [], `${field}.tolerations`, errors);
  validateCapacityRequests(request.capacity, `${field}.capacity`, errors);
}

/** Which capacities are meant is checked; how much of them there is, is known to drivers alone. */
function validateCapacityRequests(
  capacity: Draft<CapacityRequirements> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  for (const name of Object.keys(capacity?.requests ?? {})) {
    expectQualifiedIdentifier(name, `${field}.requests`, errors);
  }
}

/** What is wrong with conditions on devices. */
export function validateDeviceSelectors(
  selectors: readonly Draft<DeviceSelector>[],
  field: string,
  errors: FieldErrors,
): void {
  const validate = ({ cel }: Draft<DeviceSelector>, path: string): void => {
    if (!cel) {
      errors.push(required(`${path}.cel`));
      return;
    }
    const text = cel.expression ?? '';
    const place = `${path}.cel.expression`;
    if (text.trim() === '') errors.push(required(place));
    else if (Buffer.byteLength(text) > expressionBytesMax) {
      errors.push(tooLong(place, expressionBytesMax));
    } else errors.judgeLater({ use: 'deviceSelector', field: place, text });
  };
  validateBoundedList(selectors, { field, countMax: selectorsMax, validate }, errors);
}

const taintEffects = ['NoExecute', 'NoSchedule', 'None'];

/** What is wrong with which taints of devices do not matter. Source: KEP-5055. */
export function validateDeviceTolerations(
  tolerations: readonly Draft<DeviceToleration>[],
  field: string,
  errors: FieldErrors,
): void {
  const validate = (toleration: Draft<DeviceToleration>, path: string): void => {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    if (key !== '') expectQualifiedName(key, `${path}.key`, errors);
    if (operator === 'Exists') {
      if (value !== '') {
        const text = 'must be empty for operator `Exists`';
        errors.push(invalidValue(`${path}.value`, value, text));
      }
    } else if (operator === 'Equal') {
      const wrong = checkLabelValue(value);
      if (wrong !== undefined) errors.push(invalidValue(`${path}.value`, value, wrong));
    } else if (operator === '') errors.push(required(`${path}.operator`));
    else errors.push(unsupported(`${path}.operator`, operator, ['Equal', 'Exists']));
    if (effect !== '' && !taintEffects.includes(effect)) {
      errors.push(unsupported(`${path}.effect`, effect, taintEffects));
    }
  };
  validateBoundedList(tolerations, { field, countMax: tolerationsMax, validate }, errors);
}

function validateConstraint(
  constraint: Draft<DeviceConstraint>,
  { field, known }: { readonly field: string; readonly known: RequestNames },
  errors: FieldErrors,
): void {
  validateRequestReferences(constraint.requests ?? [], { field, known }, errors);
  const { matchAttribute, distinctAttribute } = constraint;
  if (matchAttribute !== undefined) {
    expectFullyQualified(matchAttribute, `${field}.matchAttribute`, errors);
  } else if (distinctAttribute !== undefined) {
    expectFullyQualified(distinctAttribute, `${field}.distinctAttribute`, errors);
  } else {
    const text =
      'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
    errors.push(required(field, text));
  }
}
