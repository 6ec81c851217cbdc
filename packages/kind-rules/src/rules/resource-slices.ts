import {
  checkDnsSubdomain,
  type Draft,
  equalsJson,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { CounterSet, ResourceSlice, ResourceSliceSpec } from '@fairway/kinds/resource/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectDnsLabel, expectImmutable, FieldErrors } from '../field-checks.ts';
import { validateCounters, validateDevice } from './validate-device.ts';
import { expectDriverName, expectPoolName, validateBoundedList } from './validate-device-names.ts';
import { expectNodesChosen } from './validate-device-nodes.ts';
import { validateNodeSelector } from './validate-scheduling.ts';

type SliceDraft = ObjectDraft<ResourceSlice>;

/**
 * Which devices a driver has, for one node or several.
 * Source: resource.k8s.io/v1 ResourceSlice; resource validation, ValidateResourceSlice; KEP-4381,
 * KEP-4815 for counters that devices share.
 */
export const resourceSliceRules: KindRules<SliceDraft> = {
  checkName: checkDnsSubdomain,
  validate: validateSlice,
  validateUpdate: (slice, stored) => {
    const errors = new FieldErrors();
    const [spec, old] = [slice.spec ?? {}, stored.spec ?? {}];
    const pool = { value: spec.pool?.name, stored: old.pool?.name };
    expectImmutable({ ...pool, field: 'spec.pool.name' }, errors);
    for (const name of ['driver', 'nodeName'] as const) {
      const value = { value: spec[name], stored: old[name] };
      expectImmutable({ ...value, field: `spec.${name}` }, errors);
    }
    return errors;
  },
  fieldLabels: {
    'spec.nodeName': (slice) => slice.spec?.nodeName ?? '',
    'spec.driver': (slice) => slice.spec?.driver ?? '',
  },
};

const devicesMax = 128;
const complexDevicesMax = 64;
const counterSetsMax = 8;

function validateSlice(slice: SliceDraft, stored?: SliceDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = slice.spec ?? {};
  expectDriverName(spec.driver ?? '', 'spec.driver', errors);
  validatePool(spec, errors);
  validateNodes(spec, errors);
  if (spec.sharedCounters && spec.devices) {
    const text = 'only one of `sharedCounters` or `devices` is allowed';
    errors.push(invalidValue('spec', '', text));
  }
  const before = new Map(stored?.spec?.devices?.map((device) => [device.name, device]));
  validateBoundedList(
    spec.devices ?? [],
    {
      field: 'spec.devices',
      countMax: isComplex(spec) ? complexDevicesMax : devicesMax,
      keyOf: (device) => device.name ?? '',
      validate: (device, path) => {
        // What is as it was has been looked at then.
        if (equalsJson(device, before.get(device.name))) return;
        const choosesNodes = spec.perDeviceNodeSelection === true;
        validateDevice(device, { field: path, choosesNodes }, errors);
      },
    },
    errors,
  );
  validateBoundedList(
    spec.sharedCounters ?? [],
    {
      field: 'spec.sharedCounters',
      countMax: counterSetsMax,
      keyOf: (set) => set.name ?? '',
      validate: (set, path) => validateCounterSet(set, path, errors),
    },
    errors,
  );
  return errors;
}

function validatePool({ pool = {} }: Draft<ResourceSliceSpec>, errors: FieldErrors): void {
  expectPoolName(pool.name ?? '', 'spec.pool.name', errors);
  const { resourceSliceCount = 0, generation = 0 } = pool;
  if (resourceSliceCount <= 0) {
    const text = 'must be greater than zero';
    errors.push(invalidValue('spec.pool.resourceSliceCount', resourceSliceCount, text));
  }
  if (generation < 0) {
    const text = 'must be greater than or equal to zero';
    errors.push(invalidValue('spec.pool.generation', generation, text));
  }
}

function validateNodes(spec: Draft<ResourceSliceSpec>, errors: FieldErrors): void {
  const names = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
  const text =
    'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  const words = {
    emptyName: 'must be either unset or set to a non-empty string',
    none: text,
    several: `${text}, but multiple fields are set`,
  };
  const { nodeSelector } = spec;
  if (nodeSelector) {
    validateNodeSelector(nodeSelector, 'spec.nodeSelector', errors);
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length !== 1) {
      const one = 'must have exactly one node selector term';
      errors.push(invalidValue('spec.nodeSelector.nodeSelectorTerms', terms, one));
    }
  }
  expectNodesChosen(spec, { field: 'spec', names, words }, errors);
}

/** Taints, counters and lists make a device longer, so fewer of them fit. */
function isComplex({ devices = [] }: Draft<ResourceSliceSpec>): boolean {
  return devices.some(({ taints, consumesCounters, attributes = {} }) => {
    if (taints?.length || consumesCounters?.length) return true;
    return Object.values(attributes).some(
      ({ bools, ints, strings, versions }) => bools ?? ints ?? strings ?? versions,
    );
  });
}

const countersMax = 32;

function validateCounterSet(set: Draft<CounterSet>, field: string, errors: FieldErrors): void {
  if (!set.name) errors.push(required(`${field}.name`));
  else expectDnsLabel(set.name, `${field}.name`, errors);
  validateCounters(set.counters ?? {}, { field: `${field}.counters`, countersMax }, errors);
}
