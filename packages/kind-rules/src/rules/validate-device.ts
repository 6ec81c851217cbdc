import {
  checkLabelValue,
  type Draft,
  invalidValue,
  required,
  tooLong,
  tooMany,
} from '@fairway/protocol';
import type {
  Device,
  DeviceAttribute,
  DeviceCounterConsumption,
  DeviceTaint,
} from '@fairway/kinds/resource/v1';

import {
  expectDnsLabel,
  expectOneOf,
  expectQualifiedName,
  type FieldErrors,
} from '../field-checks.ts';
import { validateBindingConditions } from './validate-device-binding.ts';
import { validateDeviceCapacity } from './validate-device-capacity.ts';
import { expectQualifiedIdentifier, validateBoundedList } from './validate-device-names.ts';
import { expectNodesChosen } from './validate-device-nodes.ts';
import { validateNodeSelector } from './validate-scheduling.ts';

const propertiesMax = 32;
const attributeValuesMax = 48;
const taintsMax = 16;
const consumptionsMax = 2;
const countersMax = 32;
const valueBytesMax = 64;

interface DevicePlace {
  readonly field: string;
  /** Whether each device of the slice says which nodes it is for. */
  readonly choosesNodes: boolean;
}

/** What is wrong with one device. Source: resource.k8s.io/v1 Device; resource validation. */
export function validateDevice(
  device: Draft<Device>,
  { field, choosesNodes }: DevicePlace,
  errors: FieldErrors,
): void {
  expectDnsLabel(device.name ?? '', `${field}.name`, errors);
  const { attributes = {}, capacity = {} } = device;
  const properties = Object.keys(attributes).length + Object.keys(capacity).length;
  if (properties > propertiesMax) {
    const text = `the total number of attributes and capacities must not exceed ${propertiesMax}`;
    errors.push(invalidValue(field, properties, text));
  }
  const values = Object.values(attributes).reduce((sum, each) => sum + countValues(each), 0);
  if (values > attributeValuesMax) {
    const text = `the total number of attribute values must not exceed ${attributeValuesMax}`;
    errors.push(invalidValue(field, values, text));
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    expectQualifiedIdentifier(name, `${field}.attributes`, errors);
    validateAttribute(attribute, `${field}.attributes[${name}]`, errors);
  }
  const isShared = device.allowMultipleAllocations === true;
  for (const [name, each] of Object.entries(capacity)) {
    expectQualifiedIdentifier(name, `${field}.capacity`, errors);
    validateDeviceCapacity(each, { field: `${field}.capacity[${name}]`, isShared }, errors);
  }
  validateTaints(device.taints ?? [], `${field}.taints`, errors);
  validateConsumptions(device.consumesCounters ?? [], `${field}.consumesCounters`, errors);
  validateNodes(device, { field, choosesNodes }, errors);
  validateBindingConditions(device, field, errors);
}

function countValues({ bools, ints, strings, versions }: Draft<DeviceAttribute>): number {
  return [bools, ints, strings, versions].reduce((sum, list) => sum + (list?.length ?? 0), 0) || 1;
}

const semanticVersion =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

const attributeTypes = [
  'bool',
  'int',
  'string',
  'version',
  'bools',
  'ints',
  'strings',
  'versions',
] as const;

function validateAttribute(
  attribute: Draft<DeviceAttribute>,
  field: string,
  errors: FieldErrors,
): void {
  const given = attributeTypes.filter((type) => attribute[type] !== undefined);
  for (const type of given) {
    const value = attribute[type];
    const path = `${field}.${type}`;
    if (typeof value === 'string') validateText(value, { path, type }, errors);
    if (!Array.isArray(value)) continue;
    if (value.length === 0) {
      errors.push(invalidValue(path, value, 'must not be empty if specified'));
    }
    value.forEach((item: unknown, index: number) => {
      if (typeof item === 'string') validateText(item, { path: `${path}[${index}]`, type }, errors);
    });
  }
  if (given.length === 1) return;
  const shown = given.length === 0 ? '' : attribute;
  errors.push(invalidValue(field, shown, 'exactly one value must be specified'));
}

function validateText(
  text: string,
  { path, type }: { readonly path: string; readonly type: (typeof attributeTypes)[number] },
  errors: FieldErrors,
): void {
  // The length first: the pattern takes longer than a line for what is hostile.
  const isLong = Buffer.byteLength(text) > valueBytesMax;
  if (type.startsWith('version') && (isLong || !semanticVersion.test(text))) {
    const wanted = 'must be a string compatible with semver.org spec 2.0.0';
    if (!isLong) errors.push(invalidValue(path, text, wanted));
  }
  if (isLong) errors.push(tooLong(path, valueBytesMax));
}

const taintEffects = ['NoExecute', 'NoSchedule', 'None'];

function validateTaints(
  taints: readonly Draft<DeviceTaint>[],
  field: string,
  errors: FieldErrors,
): void {
  const validate = ({ key = '', value = '', effect }: Draft<DeviceTaint>, path: string): void => {
    expectQualifiedName(key, `${path}.key`, errors);
    const wrong = checkLabelValue(value);
    if (wrong !== undefined) errors.push(invalidValue(`${path}.value`, value, wrong));
    expectOneOf(effect, { field: `${path}.effect`, supported: taintEffects }, errors);
  };
  validateBoundedList(taints, { field, countMax: taintsMax, validate }, errors);
}

function validateConsumptions(
  consumptions: readonly Draft<DeviceCounterConsumption>[],
  field: string,
  errors: FieldErrors,
): void {
  const keyOf = ({ counterSet = '' }: Draft<DeviceCounterConsumption>): string => counterSet;
  const validate = (each: Draft<DeviceCounterConsumption>, path: string): void => {
    if (!each.counterSet) errors.push(required(`${path}.counterSet`));
    else expectDnsLabel(each.counterSet, `${path}.counterSet`, errors);
    validateCounters(each.counters ?? {}, { field: `${path}.counters`, countersMax }, errors);
  };
  validateBoundedList(consumptions, { field, countMax: consumptionsMax, keyOf, validate }, errors);
}

/** What is wrong with counters that there are, or that a device takes. */
export function validateCounters(
  counters: Readonly<Record<string, unknown>>,
  { field, countersMax }: { readonly field: string; readonly countersMax: number },
  errors: FieldErrors,
): void {
  const names = Object.keys(counters);
  if (names.length === 0) errors.push(required(field));
  else if (names.length > countersMax) errors.push(tooMany(field, names.length, countersMax));
  else for (const name of names) expectDnsLabel(name, field, errors);
}

function validateNodes(
  device: Draft<Device>,
  { field, choosesNodes }: DevicePlace,
  errors: FieldErrors,
): void {
  const names = ['nodeName', 'nodeSelector', 'allNodes'] as const;
  if (!choosesNodes) {
    if (names.every((name) => device[name] === undefined)) return;
    const text =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errors.push(invalidValue(field, null, text));
    return;
  }
  const text =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  const words = { emptyName: 'must not be empty', none: text, several: text };
  if (device.nodeSelector) {
    validateNodeSelector(device.nodeSelector, `${field}.nodeSelector`, errors);
  }
  expectNodesChosen(device, { field, names, words }, errors);
}
