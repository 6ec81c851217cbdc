import {
  type Draft,
  equalsJson,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  tooLong,
  tooMany,
  unsupported,
} from '@fairway/protocol';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimStatus,
} from '@fairway/kinds/resource/v1';
import { parseCidr } from '@fairway/protocol/nodejs';

import { expectDnsLabel, FieldErrors, expectImmutable } from '../field-checks.ts';
import { expectJsonObject } from './validate-device-configuration.ts';
import { validateBindingConditions } from './validate-device-binding.ts';
import {
  expectDriverName,
  expectPoolName,
  expectRequestName,
  type RequestNames,
  validateBoundedList,
} from './validate-device-names.ts';
import {
  requestNamesOf,
  validateDeviceTolerations,
  validateRequestConfiguration,
} from './validate-device-requests.ts';
import { validateNodeSelector } from './validate-scheduling.ts';

type ClaimDraft = ObjectDraft<ResourceClaim>;

const consumersMax = 256;
const resultsMax = 32;
const configurationsMax = 64;
const conditionsMax = 8;
const dataBytesMax = 10 * 1024;
const interfaceNameBytesMax = 256;
const hardwareAddressBytesMax = 128;
const addressesMax = 16;

/**
 * What is wrong with which devices a claim got, who uses them, and how they are. What was allocated
 * stays until it is let go of.
 * Source: resource.k8s.io/v1 ResourceClaimStatus; resource validation; KEP-4381, KEP-4817.
 */
export function validateDeviceClaimStatus(
  claim: ClaimDraft,
  stored: ClaimDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  const status = claim.status ?? {};
  const before = stored.status ?? {};
  validateConsumers(claim, before, errors);
  validateDevices(status, errors);
  if (before.allocation && status.allocation) {
    const value = { value: status.allocation, stored: before.allocation };
    expectImmutable({ ...value, field: 'status.allocation' }, errors);
  } else if (status.allocation) {
    const known = requestNamesOf(claim.spec?.devices);
    validateAllocation(status.allocation, known, errors);
  }
  return errors;
}

function validateConsumers(
  claim: ClaimDraft,
  before: Draft<ResourceClaimStatus>,
  errors: FieldErrors,
): void {
  const { reservedFor = [], allocation } = claim.status ?? {};
  const field = 'status.reservedFor';
  validateBoundedList(
    reservedFor,
    {
      field,
      countMax: consumersMax,
      keyOf: (consumer) => consumer.uid ?? '',
      validate: (consumer, path) => {
        for (const name of ['resource', 'name', 'uid'] as const) {
          if (!consumer[name]) errors.push(required(`${path}.${name}`));
        }
      },
    },
    errors,
  );
  if (reservedFor.length === 0) return;
  if (!allocation) {
    errors.push(forbiddenField(field, 'may not be specified when `allocated` is not set'));
    return;
  }
  if (claim.metadata?.deletionTimestamp === undefined) return;
  const known = new Map(before.reservedFor?.map((consumer) => [consumer.uid, consumer]));
  if (reservedFor.every((consumer) => equalsJson(consumer, known.get(consumer.uid)))) return;
  const text =
    'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
  errors.push(forbiddenField(field, text));
}

interface DeviceId {
  readonly driver?: string;
  readonly pool?: string;
  readonly device?: string;
  readonly shareID?: string;
}

function idOf({ driver = '', pool = '', device = '', shareID }: DeviceId): string {
  const id = `${driver}/${pool}/${device}`;
  return shareID === undefined ? id : `${id}/${shareID}`;
}

function validateDevices(status: Draft<ResourceClaimStatus>, errors: FieldErrors): void {
  const allocated = new Set(status.allocation?.devices?.results?.map(idOf));
  validateBoundedList(
    status.devices ?? [],
    {
      field: 'status.devices',
      countMax: Infinity,
      keyOf: idOf,
      validate: (device, path) => {
        validateDeviceId(device, path, errors);
        if (!allocated.has(idOf(device))) {
          const text = 'must be an allocated device in the claim';
          errors.push(invalidValue(path, idOf(device), text));
        }
        validateDeviceReport(device, path, errors);
      },
    },
    errors,
  );
}

function validateDeviceId(id: DeviceId, field: string, errors: FieldErrors): void {
  expectDriverName(id.driver ?? '', `${field}.driver`, errors);
  expectPoolName(id.pool ?? '', `${field}.pool`, errors);
  expectDnsLabel(id.device ?? '', `${field}.device`, errors);
  const share = id.shareID;
  if (share === undefined || /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(share)) return;
  const text =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
  errors.push(invalidValue(`${field}.shareID`, share, text));
}

function validateDeviceReport(
  device: Draft<AllocatedDeviceStatus>,
  field: string,
  errors: FieldErrors,
): void {
  const conditions = device.conditions ?? [];
  if (conditions.length > conditionsMax) {
    errors.push(tooMany(`${field}.conditions`, conditions.length, conditionsMax));
  }
  if (device.data !== undefined) {
    expectJsonObject(device.data, { field: `${field}.data`, bytesMax: dataBytesMax }, errors);
  }
  if (device.networkData) validateNetwork(device.networkData, `${field}.networkData`, errors);
}

function validateNetwork(
  { interfaceName = '', hardwareAddress = '', ips = [] }: Draft<NetworkDeviceData>,
  field: string,
  errors: FieldErrors,
): void {
  if (Buffer.byteLength(interfaceName) > interfaceNameBytesMax) {
    errors.push(tooLong(`${field}.interfaceName`, interfaceNameBytesMax));
  }
  if (Buffer.byteLength(hardwareAddress) > hardwareAddressBytesMax) {
    errors.push(tooLong(`${field}.hardwareAddress`, hardwareAddressBytesMax));
  }
  const validate = (address: string, path: string): void => {
    if (parseCidr(address) !== undefined) return;
    const text = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
    errors.push(invalidValue(path, address, text));
  };
  const keyOf = (address: string): string => address;
  validateBoundedList(
    ips,
    { field: `${field}.ips`, countMax: addressesMax, keyOf, validate },
    errors,
  );
}

function validateAllocation(
  allocation: Draft<AllocationResult>,
  known: RequestNames,
  errors: FieldErrors,
): void {
  const field = 'status.allocation.devices';
  const { results = [], config = [] } = allocation.devices ?? {};
  validateBoundedList(
    results,
    {
      field: `${field}.results`,
      countMax: resultsMax,
      validate: (result, path) => validateResult(result, { field: path, known }, errors),
    },
    errors,
  );
  validateBoundedList(
    config,
    {
      field: `${field}.config`,
      countMax: configurationsMax,
      validate: (each, path) => {
        const sources = ['FromClaim', 'FromClass'];
        const source = each.source ?? '';
        if (source === '') errors.push(required(`${path}.source`));
        else if (!sources.includes(source)) {
          errors.push(unsupported(`${path}.source`, source, sources));
        }
        validateRequestConfiguration(each, { field: path, known }, errors);
      },
    },
    errors,
  );
  const selector = allocation.nodeSelector;
  if (selector) validateNodeSelector(selector, 'status.allocation.nodeSelector', errors);
}

function validateResult(
  result: Draft<DeviceRequestAllocationResult>,
  { field, known }: { readonly field: string; readonly known: RequestNames },
  errors: FieldErrors,
): void {
  expectRequestName(result.request ?? '', { field: `${field}.request`, known }, errors);
  validateDeviceId(result, field, errors);
  validateBindingConditions(result, field, errors);
  validateDeviceTolerations(result.tolerations ?? [], `${field}.tolerations`, errors);
}
