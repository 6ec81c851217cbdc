import {
  checkDnsSubdomain,
  type Draft,
  duplicate,
  equalsJson,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  CSIDriver,
  CSIDriverSpec,
  CSINode,
  CSINodeDriver,
  CSIStorageCapacity,
} from '@fairway/kinds/storage/v1';

import type { KindRules } from '../kind-rules.ts';
import { isNegativeAmount } from './amounts.ts';
import {
  expectDnsSubdomain,
  expectImmutable,
  expectNonNegative,
  expectOptionalOneOf,
  expectQualifiedName,
  FieldErrors,
  immutableText,
  negativeText,
} from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { expectDriverName } from './validate-volume-sources.ts';

type DriverDraft = ObjectDraft<CSIDriver>;

/** Fields as errors name them, where that is not as the API does. */
const attachField = 'spec.attachedRequired';

/** Source: storage.k8s.io/v1 CSIDriver; storage validation, ValidateCSIDriver. */
export const csiDriverRules: KindRules<DriverDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (driver) => {
    driver.spec ??= {};
    const spec = driver.spec;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate: (driver) => {
    const errors = new FieldErrors();
    validateDriverSpec(driver.spec ?? {}, errors);
    return errors;
  },
  validateUpdate: (driver, stored) => {
    const errors = new FieldErrors();
    for (const [name, field] of [
      ['attachRequired', attachField],
      ['volumeLifecycleModes', 'spec.volumeLifecycleModes'],
    ] as const) {
      expectImmutable({ value: driver.spec?.[name], stored: stored.spec?.[name], field }, errors);
    }
    return errors;
  },
};

const updatePeriodSecondsMin = 10;

function validateDriverSpec(spec: Draft<CSIDriverSpec>, errors: FieldErrors): void {
  if (spec.attachRequired === undefined) errors.push(required(attachField));
  if (spec.podInfoOnMount === undefined) errors.push(required('spec.podInfoOnMount'));
  if (spec.storageCapacity === undefined) errors.push(required('spec.storageCapacity'));
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
  const policy = { field: 'spec.fsGroupPolicy', supported: policies };
  expectOptionalOneOf(spec.fsGroupPolicy, policy, errors);
  validateTokenRequests(spec.tokenRequests ?? [], errors);
  const modes = ['Persistent', 'Ephemeral'];
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (!modes.includes(mode)) errors.push(unsupported('spec.volumeLifecycleModes', mode, modes));
  }
  if (spec.seLinuxMount === undefined) errors.push(required('spec.seLinuxMount'));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < updatePeriodSecondsMin) {
    const text = `must be greater than or equal to ${updatePeriodSecondsMin} seconds`;
    errors.push(invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, text));
  }
}

function validateTokenRequests(
  requests: readonly { readonly audience?: string; readonly expirationSeconds?: number }[],
  errors: FieldErrors,
): void {
  const audiences = new Set<string>();
  requests.forEach(({ audience = '', expirationSeconds: seconds }, index) => {
    const path = `spec.tokenRequests[${index}]`;
    if (audiences.has(audience)) {
      errors.push(duplicate(`${path}.audience`, audience));
      return;
    }
    audiences.add(audience);
    const field = `${path}.expirationSeconds`;
    if (seconds !== undefined && seconds < 600) {
      errors.push(invalidValue(field, seconds, 'may not specify a duration less than 10 minutes'));
    }
    if (seconds !== undefined && seconds > 2 ** 32) {
      const text = 'may not specify a duration larger than 2^32 seconds';
      errors.push(invalidValue(field, seconds, text));
    }
  });
}

/** Source: storage.k8s.io/v1 CSINode; storage validation, ValidateCSINode. */
export const csiNodeRules: KindRules<ObjectDraft<CSINode>> = {
  checkName: checkDnsSubdomain,
  validate: (node) => {
    const errors = new FieldErrors();
    const names = new Set<string>();
    node.spec?.drivers?.forEach((driver, index) => {
      validateNodeDriver(driver, { names, path: `spec.drivers[${index}]` }, errors);
    });
    return errors;
  },
  // A driver may come and go, and say anew how much it can attach.
  validateUpdate: (node, stored) => {
    const errors = new FieldErrors();
    for (const { allocatable: _, ...old } of stored.spec?.drivers ?? []) {
      const driver = node.spec?.drivers?.find(({ name }) => name === old.name);
      if (driver === undefined) continue;
      const { allocatable: __, ...kept } = driver;
      if (!equalsJson(kept, old)) errors.push(invalidValue('spec.drivers', kept, immutableText));
    }
    return errors;
  },
};

const nodeIdLengthMax = 256;

function validateNodeDriver(
  driver: Draft<CSINodeDriver>,
  { names, path }: { readonly names: Set<string>; readonly path: string },
  errors: FieldErrors,
): void {
  const { name = '', nodeID = '' } = driver;
  expectDriverName(name, `${path}.name`, errors);
  if (nodeID === '') errors.push(required(`${path}.nodeID`));
  if (nodeID.length > nodeIdLengthMax) {
    const text = `must be ${nodeIdLengthMax} characters or less`;
    errors.push(invalidValue(`${path}.nodeID`, nodeID, text));
  }
  expectNonNegative(driver.allocatable?.count, `${path}.allocatable.count`, errors);
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
  names.add(name);
  const keys = new Set<string>();
  for (const key of driver.topologyKeys ?? []) {
    if (key === '') errors.push(required(path));
    if (keys.has(key)) errors.push(duplicate(path, key));
    keys.add(key);
    expectQualifiedName(key, path, errors);
  }
}

/** Source: storage.k8s.io/v1 CSIStorageCapacity; KEP-1472. */
export const csiStorageCapacityRules: KindRules<ObjectDraft<CSIStorageCapacity>> = {
  checkName: checkDnsSubdomain,
  validate: (capacity) => {
    const errors = new FieldErrors();
    validateLabelSelector(capacity.nodeTopology, 'nodeTopology', errors);
    expectDnsSubdomain(capacity.storageClassName ?? '', 'storageClassName', errors);
    const amount = capacity.capacity;
    if (amount !== undefined && isNegativeAmount(amount)) {
      errors.push(invalidValue('capacity', amount, negativeText));
    }
    return errors;
  },
  validateUpdate: (capacity, stored) => {
    const errors = new FieldErrors();
    for (const name of ['nodeTopology', 'storageClassName'] as const) {
      expectImmutable({ value: capacity[name], stored: stored[name], field: name }, errors);
    }
    return errors;
  },
};
