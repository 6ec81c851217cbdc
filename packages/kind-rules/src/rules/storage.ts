import {
  checkDnsSubdomain,
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  tooLong,
  equalsJson,
} from '@fairway/protocol';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '@fairway/kinds/storage/v1';

import type { KindRules } from '../kind-rules.ts';
import { isNegativeAmount } from './amounts.ts';
import {
  expectImmutable,
  expectOneOf,
  expectOptionalOneOf,
  expectQualifiedName,
  FieldErrors,
} from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { statusRules } from './status-subresource.ts';

type ClassDraft = ObjectDraft<StorageClass>;
type DriverDraft = ObjectDraft<CSIDriver>;
type AttachmentDraft = ObjectDraft<VolumeAttachment>;
type AttributesDraft = ObjectDraft<VolumeAttributesClass>;

const parameterCountMax = 512;
const parameterBytesMax = 256 * 1024;

/** Source: storage.k8s.io/v1 StorageClass; storage validation, ValidateStorageClass. */
export const storageClassRules: KindRules<ClassDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (storageClass) => {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: (storageClass) => {
    const errors = new FieldErrors();
    if (!storageClass.provisioner) errors.push(required('provisioner'));
    else expectQualifiedName(storageClass.provisioner.toLowerCase(), 'provisioner', errors);
    validateParameters(storageClass.parameters, errors);
    const policies = ['Delete', 'Retain'];
    expectOptionalOneOf(
      storageClass.reclaimPolicy,
      { field: 'reclaimPolicy', supported: policies },
      errors,
    );
    const modes = ['Immediate', 'WaitForFirstConsumer'];
    expectOneOf(
      storageClass.volumeBindingMode,
      { field: 'volumeBindingMode', supported: modes },
      errors,
    );
    return errors;
  },
  validateUpdate: (storageClass, stored) => {
    const errors = new FieldErrors();
    const text = 'updates to parameters are forbidden.';
    if (!equalsJson(storageClass.parameters ?? {}, stored.parameters ?? {})) {
      errors.push(forbiddenField('parameters', text));
    }
    const { provisioner: value = '' } = storageClass;
    expectImmutable({ value, stored: stored.provisioner, field: 'provisioner' }, errors);
    if (storageClass.reclaimPolicy !== stored.reclaimPolicy) {
      errors.push(forbiddenField('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
    }
    const mode = {
      value: storageClass.volumeBindingMode,
      stored: stored.volumeBindingMode,
      field: 'volumeBindingMode',
    };
    expectImmutable(mode, errors);
    return errors;
  },
};

function validateParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  errors: FieldErrors,
): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > parameterCountMax) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: 'parameters',
      detail: `may not be more than ${parameterCountMax} bytes`,
    });
    return;
  }
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') {
      errors.push(invalidValue('parameters', key, 'field can not be empty.'));
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > parameterBytesMax) errors.push(tooLong('parameters', parameterBytesMax));
}

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
    const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
    const policy = { field: 'spec.fsGroupPolicy', supported: policies };
    expectOptionalOneOf(driver.spec?.fsGroupPolicy, policy, errors);
    const audiences = new Set<string>();
    driver.spec?.tokenRequests?.forEach((request, index) => {
      const audience = request.audience ?? '';
      const path = `spec.tokenRequests[${index}].audience`;
      if (audiences.has(audience)) errors.push(duplicate(path, audience));
      audiences.add(audience);
    });
    const modes = ['Ephemeral', 'Persistent'];
    for (const mode of driver.spec?.volumeLifecycleModes ?? []) {
      expectOneOf(mode, { field: 'spec.volumeLifecycleModes', supported: modes }, errors);
    }
    return errors;
  },
  validateUpdate: (driver, stored) => {
    const errors = new FieldErrors();
    for (const name of ['attachRequired', 'volumeLifecycleModes'] as const) {
      const value = { value: driver.spec?.[name], stored: stored.spec?.[name] };
      expectImmutable({ ...value, field: `spec.${name}` }, errors);
    }
    return errors;
  },
};

/** Source: storage.k8s.io/v1 CSINode; storage validation, ValidateCSINode. */
export const csiNodeRules: KindRules<ObjectDraft<CSINode>> = {
  checkName: checkDnsSubdomain,
  validate: (node) => {
    const errors = new FieldErrors();
    const names = new Set<string>();
    node.spec?.drivers?.forEach((driver, index) => {
      const path = `spec.drivers[${index}]`;
      if (!driver.name) errors.push(required(`${path}.name`));
      else if (names.has(driver.name)) errors.push(duplicate(`${path}.name`, driver.name));
      names.add(driver.name ?? '');
      if (!driver.nodeID) errors.push(required(`${path}.nodeID`));
    });
    return errors;
  },
};

/** Source: storage.k8s.io/v1 CSIStorageCapacity; KEP-1472. */
export const csiStorageCapacityRules: KindRules<ObjectDraft<CSIStorageCapacity>> = {
  checkName: checkDnsSubdomain,
  validate: (capacity) => {
    const errors = new FieldErrors();
    validateLabelSelector(capacity.nodeTopology, 'nodeTopology', errors);
    const wrong = checkDnsSubdomain(capacity.storageClassName ?? '');
    if (wrong !== undefined) {
      errors.push(invalidValue('storageClassName', capacity.storageClassName ?? '', wrong));
    }
    for (const name of ['capacity', 'maximumVolumeSize'] as const) {
      const amount = capacity[name];
      if (amount !== undefined && isNegativeAmount(amount)) {
        errors.push(invalidValue(name, amount, 'must be greater than or equal to 0'));
      }
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

/** Source: storage.k8s.io/v1 VolumeAttachment; storage validation, ValidateVolumeAttachment. */
export const volumeAttachmentRules: KindRules<AttachmentDraft> = {
  checkName: checkDnsSubdomain,
  ...statusRules<AttachmentDraft>(() => ({ attached: false })),
  validate: (attachment) => {
    const errors = new FieldErrors();
    const spec = attachment.spec ?? {};
    if (!spec.attacher) errors.push(required('spec.attacher'));
    if (!spec.nodeName) errors.push(required('spec.nodeName'));
    const { persistentVolumeName, inlineVolumeSpec } = spec.source ?? {};
    if (persistentVolumeName === undefined && !inlineVolumeSpec) {
      const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
      errors.push(required('spec.source', text));
    } else if (persistentVolumeName !== undefined && inlineVolumeSpec) {
      const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
      errors.push(forbiddenField('spec.source', text));
    }
    return errors;
  },
  validateUpdate: (attachment, stored) => immutableSpec(attachment.spec, stored.spec),
};

function immutableSpec(spec: unknown, stored: unknown): readonly FieldError[] {
  if (equalsJson(spec, stored)) return [];
  return [invalidValue('spec', spec, 'field is immutable')];
}

/** Source: storage.k8s.io/v1 VolumeAttributesClass; KEP-3751. */
export const volumeAttributesClassRules: KindRules<AttributesDraft> = {
  checkName: checkDnsSubdomain,
  validate: (attributes) => {
    const errors = new FieldErrors();
    if (!attributes.driverName) errors.push(required('driverName'));
    if (Object.keys(attributes.parameters ?? {}).length === 0) {
      errors.push(required('parameters', 'must contain at least one key/value pair'));
    }
    validateParameters(attributes.parameters, errors);
    return errors;
  },
  validateUpdate: (attributes, stored) => {
    const errors = new FieldErrors();
    if (attributes.driverName !== stored.driverName) {
      errors.push(forbiddenField('driverName', 'updates to driverName are forbidden.'));
    }
    if (!equalsJson(attributes.parameters ?? {}, stored.parameters ?? {})) {
      errors.push(forbiddenField('parameters', 'updates to parameters are forbidden.'));
    }
    return errors;
  },
};
