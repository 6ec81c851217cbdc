import {
  checkConfigMapKey,
  checkDnsSubdomain,
  type Draft,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '@fairway/kinds/core/v1';

import { expectDnsSubdomain, expectQualifiedName, type FieldErrors } from '../field-checks.ts';
import { environmentVariableName } from '../string-formats.ts';

/**
 * What is wrong with the environment of a container.
 * Source: core validation, ValidateEnv; Kubernetes documentation, "Downward API".
 */
export function validateEnvironment(
  variables: readonly Draft<EnvVar>[],
  field: string,
  errors: FieldErrors,
): void {
  variables.forEach((variable, index) => {
    const path = `${field}[${index}]`;
    if (!variable.name) {
      errors.push(required(`${path}.name`));
    } else {
      const wrong = environmentVariableName(variable.name);
      if (wrong !== undefined) errors.push(invalidValue(`${path}.name`, variable.name, wrong));
    }
    if (variable.valueFrom) {
      validateValueSource(variable.valueFrom, `${path}.valueFrom`, errors);
      const count = sourceCount(variable.valueFrom);
      const wrong = wrongSourceCount(count, Boolean(variable.value));
      if (wrong !== undefined) errors.push(invalidValue(`${path}.valueFrom`, '', wrong));
    }
  });
}

/** What is wrong with the config maps and secrets that fill a whole environment. */
export function validateEnvironmentSources(
  sources: readonly Draft<EnvFromSource>[],
  field: string,
  errors: FieldErrors,
): void {
  sources.forEach((source, index) => {
    const path = `${field}[${index}]`;
    if (source.prefix) {
      const wrong = environmentVariableName(source.prefix);
      if (wrong !== undefined) errors.push(invalidValue(`${path}.prefix`, source.prefix, wrong));
    }
    if (source.configMapRef) expectName(source.configMapRef.name, `${path}.configMapRef`, errors);
    if (source.secretRef) expectName(source.secretRef.name, `${path}.secretRef`, errors);
    if (!source.configMapRef && !source.secretRef) {
      errors.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (source.configMapRef && source.secretRef) {
      errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
    }
  });
}

function validateValueSource(
  source: Draft<EnvVarSource>,
  field: string,
  errors: FieldErrors,
): void {
  if (source.fieldRef) {
    validateFieldRef(
      source.fieldRef,
      { field: `${field}.fieldRef`, supported: environmentFields },
      errors,
    );
  }
  if (source.resourceFieldRef) {
    const place = { field: `${field}.resourceFieldRef`, isContainerNamed: false };
    validateResourceFieldRef(source.resourceFieldRef, place, errors);
  }
  if (source.configMapKeyRef)
    validateKeyRef(source.configMapKeyRef, `${field}.configMapKeyRef`, errors);
  if (source.secretKeyRef) validateKeyRef(source.secretKeyRef, `${field}.secretKeyRef`, errors);
}

function sourceCount(source: Draft<EnvVarSource>): number {
  const given = [
    source.fieldRef,
    source.resourceFieldRef,
    source.configMapKeyRef,
    source.secretKeyRef,
    source.fileKeyRef,
  ];
  return given.filter(Boolean).length;
}

function wrongSourceCount(count: number, hasValue: boolean): string | undefined {
  if (count === 0) {
    return 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
  }
  if (hasValue) return 'may not be specified when `value` is not empty';
  return count > 1 ? 'may not have more than one field specified at a time' : undefined;
}

function validateKeyRef(
  reference: { readonly name?: string; readonly key?: string },
  field: string,
  errors: FieldErrors,
): void {
  expectDnsSubdomain(reference.name ?? '', `${field}.name`, errors);
  if (!reference.key) {
    errors.push(required(`${field}.key`));
    return;
  }
  const wrong = checkConfigMapKey(reference.key);
  if (wrong !== undefined) errors.push(invalidValue(`${field}.key`, reference.key, wrong));
}

function expectName(name: string | undefined, field: string, errors: FieldErrors): void {
  if (!name) {
    errors.push(required(`${field}.name`));
    return;
  }
  const wrong = checkDnsSubdomain(name, { isPrefix: true });
  if (wrong !== undefined) errors.push(invalidValue(`${field}.name`, name, wrong));
}

/** Fields of a pod that an environment variable may hold. */
const environmentFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields that the downward API knows at all. */
const downwardFields = new Set([
  ...environmentFields,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
  'status.nominatedNodeName',
  'spec.host',
]);

/** What is wrong with a reference to a field of the pod. */
export function validateFieldRef(
  reference: Draft<ObjectFieldSelector>,
  { field, supported }: { readonly field: string; readonly supported: readonly string[] },
  errors: FieldErrors,
): void {
  const fieldPath = reference.fieldPath ?? '';
  if (!reference.apiVersion) {
    errors.push(required(`${field}.apiVersion`));
    return;
  }
  if (fieldPath === '') {
    errors.push(required(`${field}.fieldPath`));
    return;
  }
  const subscripted = /^(.*)\['([^']*)'\]$/.exec(fieldPath);
  const path = subscripted?.[1] ?? fieldPath;
  if (!downwardFields.has(path)) {
    const text = `error converting fieldPath: field label not supported: ${path}`;
    errors.push(invalidValue(`${field}.fieldPath`, fieldPath, text));
  } else if (subscripted === null) {
    if (!supported.includes(path)) errors.push(unsupported(`${field}.fieldPath`, path, supported));
  } else if (path === 'metadata.annotations') {
    expectQualifiedName((subscripted[2] ?? '').toLowerCase(), field, errors);
  } else if (path === 'metadata.labels') {
    expectQualifiedName(subscripted[2] ?? '', field, errors);
  } else {
    errors.push(invalidValue(field, path, 'does not support subscript'));
  }
}

const containerFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const byteDivisors = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

/** What is wrong with a reference to a request or limit of a container. */
export function validateResourceFieldRef(
  reference: Draft<ResourceFieldSelector>,
  { field, isContainerNamed }: { readonly field: string; readonly isContainerNamed: boolean },
  errors: FieldErrors,
): void {
  const resource = reference.resource ?? '';
  const isHugePages = /^(limits|requests)\.hugepages-/.test(resource);
  if (isContainerNamed && !reference.containerName) {
    errors.push(required(`${field}.containerName`));
  } else if (resource === '') {
    errors.push(required(`${field}.resource`));
  } else if (!containerFields.includes(resource) && !isHugePages) {
    errors.push(unsupported(`${field}.resource`, resource, containerFields));
  }
  const divisor = String(reference.divisor ?? '0');
  if (divisor === '0' || divisor === '') return;
  const kind = isHugePages ? 'hugepages' : resource.slice(resource.indexOf('.') + 1);
  const supported = kind === 'cpu' ? '1m and 1' : byteDivisors;
  const isSupported =
    kind === 'cpu' ? ['1m', '1'].includes(divisor) : byteDivisors.split(', ').includes(divisor);
  if (!isSupported) {
    const name = kind === 'ephemeral-storage' ? 'local ephemeral storage' : kind;
    const text = `only divisor's values ${supported} are supported with the ${name} resource`;
    errors.push(invalidValue(`${field}.divisor`, resource, text));
  }
}
