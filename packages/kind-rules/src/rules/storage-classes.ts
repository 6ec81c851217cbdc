import {
  checkDnsSubdomain,
  type Draft,
  duplicate,
  equalsJson,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  tooLong,
} from '@fairway/protocol';
import type { TopologySelectorTerm } from '@fairway/kinds/core/v1';
import type { StorageClass, VolumeAttributesClass } from '@fairway/kinds/storage/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectImmutable,
  expectOneOf,
  expectOptionalOneOf,
  expectQualifiedName,
  expectUnique,
  FieldErrors,
} from '../field-checks.ts';

type ClassDraft = ObjectDraft<StorageClass>;
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
    expectProvisioner(storageClass.provisioner, 'provisioner', errors);
    validateParameters(storageClass.parameters, errors);
    const policies = { field: 'reclaimPolicy', supported: ['Delete', 'Retain'] };
    expectOptionalOneOf(storageClass.reclaimPolicy || undefined, policies, errors);
    const supported = ['Immediate', 'WaitForFirstConsumer'];
    const modes = { field: 'volumeBindingMode', supported };
    expectOneOf(storageClass.volumeBindingMode, modes, errors);
    validateTopologies(storageClass.allowedTopologies ?? [], errors);
    return errors;
  },
  validateUpdate: (storageClass, stored) => {
    const errors = new FieldErrors();
    expectSameParameters(storageClass, stored, errors);
    const { provisioner: value = '' } = storageClass;
    expectImmutable({ value, stored: stored.provisioner, field: 'provisioner' }, errors);
    if (storageClass.reclaimPolicy !== stored.reclaimPolicy) {
      errors.push(forbiddenField('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
    }
    const mode = { value: storageClass.volumeBindingMode, stored: stored.volumeBindingMode };
    expectImmutable({ ...mode, field: 'volumeBindingMode' }, errors);
    return errors;
  },
};

/** Source: storage.k8s.io/v1 VolumeAttributesClass; KEP-3751. */
export const volumeAttributesClassRules: KindRules<AttributesDraft> = {
  checkName: checkDnsSubdomain,
  validate: (attributes) => {
    const errors = new FieldErrors();
    expectProvisioner(attributes.driverName, 'driverName', errors);
    validateParameters(attributes.parameters, errors);
    if (Object.keys(attributes.parameters ?? {}).length === 0) {
      errors.push(required('parameters', 'must contain at least one key/value pair'));
    }
    return errors;
  },
  validateUpdate: (attributes, stored) => {
    const errors = new FieldErrors();
    if (attributes.driverName !== stored.driverName) {
      errors.push(forbiddenField('driverName', 'updates to driverName are forbidden.'));
    }
    expectSameParameters(attributes, stored, errors);
    return errors;
  },
};

function expectProvisioner(name: string | undefined, field: string, errors: FieldErrors): void {
  if (!name) errors.push(required(field));
  else expectQualifiedName(name.toLowerCase(), field, errors);
}

interface Parameterized {
  readonly parameters?: Readonly<Record<string, string>>;
}

function expectSameParameters(
  { parameters = {} }: Parameterized,
  stored: Parameterized,
  errors: FieldErrors,
): void {
  if (equalsJson(parameters, stored.parameters ?? {})) return;
  errors.push(forbiddenField('parameters', 'updates to parameters are forbidden.'));
}

function validateParameters(parameters: Parameterized['parameters'], errors: FieldErrors): void {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > parameterCountMax) {
    errors.push(tooLong('parameters', parameterCountMax));
    return;
  }
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalidValue('parameters', key, 'field can not be empty.'));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > parameterBytesMax) errors.push(tooLong('parameters', parameterBytesMax));
}

/** Where volumes may be made: each term by keys of their own, and no term twice. */
function validateTopologies(
  terms: readonly Draft<TopologySelectorTerm>[],
  errors: FieldErrors,
): void {
  // One that asks for nothing says no more than to have none.
  const seen = new Set<string>(['[]']);
  terms.forEach(({ matchLabelExpressions = [] }, index) => {
    const path = `allowedTopologies[${index}].matchLabelExpressions`;
    const keys = new Set<string>();
    matchLabelExpressions.forEach(({ key = '', values = [] }, at) => {
      const field = `${path}[${at}]`;
      if (values.length === 0) errors.push(required(`${field}.values`));
      const unique = new Set<string>();
      values.forEach((value, valueAt) => {
        expectUnique(unique, { value, field: `${field}.values[${valueAt}]` }, errors);
      });
      expectQualifiedName(key, `${field}.key`, errors);
      expectUnique(keys, { value: key, field: `${field}.key` }, errors);
    });
    const term = JSON.stringify(
      matchLabelExpressions.map(({ key, values }) => [key, values?.toSorted()]).toSorted(),
    );
    if (seen.has(term)) errors.push(duplicate(path, ''));
    seen.add(term);
  });
}
