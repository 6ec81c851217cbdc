import {
  checkDns1035Label,
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  type ObjectDraft,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '@fairway/kinds/apiextensions/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, expectOneOf, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';

/** A definition of a custom resource that may still be changed. */
export type DefinitionDraft = ObjectDraft<CustomResourceDefinition>;

const status = statusRules<DefinitionDraft>(() => ({}));

/**
 * Names, group, scope, versions and conversion of custom resources. Of a schema only the root is
 * checked here: the API server adds the errors of structural schemas.
 * Source: apiextensions.k8s.io/v1 CustomResourceDefinition; apiextensions validation.
 */
export const customResourceDefinitionRules: KindRules<DefinitionDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  allowsPlainFinalizers: true,
  applyDefaults,
  ...status,
  prepareForCreate: (definition) => {
    const storage = definition.spec?.versions?.find((version) => version.storage === true);
    definition.status = {
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storage?.name === undefined ? [] : [storage.name],
    };
    Object.assign(definition.status, { conditions: null });
  },
  prepareForUpdate: (definition, stored) => {
    status.prepareForUpdate(definition, stored);
    const storage = definition.spec?.versions?.find((version) => version.storage === true);
    const versions = stored.status?.storedVersions ?? [];
    if (storage?.name === undefined || versions.includes(storage.name)) return;
    definition.status = { ...definition.status, storedVersions: [...versions, storage.name] };
  },
  validate,
  validateUpdate: (definition, stored) => {
    const errors = new FieldErrors();
    const isEstablished = stored.status?.conditions?.some(
      (condition) => condition.type === 'Established' && condition.status === 'True',
    );
    if (isEstablished) {
      const { spec } = definition;
      expectImmutable(
        { value: spec?.scope, stored: stored.spec?.scope, field: 'spec.scope' },
        errors,
      );
      const kind = { value: spec?.names?.kind, stored: stored.spec?.names?.kind };
      expectImmutable({ ...kind, field: 'spec.names.kind' }, errors);
    }
    const names = new Set((definition.spec?.versions ?? []).map((version) => version.name));
    definition.status?.storedVersions?.forEach((version, index) => {
      if (!names.has(version)) {
        const text = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
        errors.push(invalidValue(`status.storedVersions[${index}]`, version, text));
      }
    });
    return errors;
  },
};

function applyDefaults(definition: DefinitionDraft): void {
  definition.spec ??= {};
  const spec = definition.spec;
  spec.names ??= {};
  const kind = spec.names.kind ?? '';
  if (!spec.names.singular) spec.names.singular = kind.toLowerCase();
  if (!spec.names.listKind && kind !== '') spec.names.listKind = `${kind}List`;
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
}

function validate(definition: DefinitionDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = definition.spec ?? {};
  const name = definition.metadata?.name ?? '';
  const expected = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`;
  if (name !== expected) {
    const text = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalidValue('metadata.name', name, text));
  }
  validateGroup(spec.group ?? '', errors);
  const scopes = { field: 'spec.scope', supported: ['Cluster', 'Namespaced'] };
  expectOneOf(spec.scope, scopes, errors);
  validateVersions(spec, errors);
  validateNames(spec.names ?? {}, errors);
  validateConversion(spec, errors);
  return errors;
}

function validateGroup(group: string, errors: FieldErrors): void {
  if (group === '') {
    errors.push(required('spec.group'));
    return;
  }
  const wrong = checkDnsSubdomain(group);
  if (wrong !== undefined) errors.push(invalidValue('spec.group', group, wrong));
  else if (!group.includes('.')) {
    errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'));
  }
}

function validateVersions(spec: Draft<CustomResourceDefinitionSpec>, errors: FieldErrors): void {
  const versions = spec.versions ?? [];
  const names = new Set<string>();
  let storageCount = 0;
  let hasDuplicate = false;
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    if (version.storage === true) storageCount += 1;
    const name = version.name ?? '';
    if (names.has(name)) hasDuplicate = true;
    names.add(name);
    const wrong = checkDns1035Label(name);
    if (wrong !== undefined) errors.push(invalidValue(`${path}.name`, name, wrong));
    validateVersion(version, path, errors);
  });
  if (versions.length === 0) {
    const text = 'must have exactly one version marked as storage version';
    errors.push(invalidValue('spec.versions', versions, text));
  } else if (storageCount !== 1) {
    const text = 'must have exactly one version marked as storage version';
    errors.push(invalidValue('spec.versions', versions, text));
  }
  if (hasDuplicate) {
    errors.push(invalidValue('spec.versions', versions, 'must contain unique version names'));
  }
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

function validateVersion(
  version: Draft<CustomResourceDefinitionVersion>,
  path: string,
  errors: FieldErrors,
): void {
  const schema = version.schema?.openAPIV3Schema;
  if (!schema) errors.push(required(`${path}.schema.openAPIV3Schema`));
  else if (schema.type !== 'object') {
    const field = `${path}.schema.openAPIV3Schema.type`;
    if (!schema.type) errors.push(required(field, 'must not be empty at the root'));
    else errors.push(invalidValue(field, schema.type, 'must be object at the root'));
  }
  if (version.deprecationWarning !== undefined && !version.deprecated) {
    const text = 'can only be set for deprecated versions';
    errors.push(invalidValue(`${path}.deprecationWarning`, version.deprecationWarning, text));
  }
  version.additionalPrinterColumns?.forEach((column, index) => {
    const field = `${path}.additionalPrinterColumns[${index}]`;
    if (!column.name) errors.push(required(`${field}.name`));
    if (!column.type) {
      const list = columnTypes.join(',');
      errors.push(required(`${field}.type`, `must be one of ${list}`));
    } else if (!columnTypes.includes(column.type)) {
      const text = `must be one of ${columnTypes.join(',')}`;
      errors.push(invalidValue(`${field}.type`, column.type, text));
    }
    if (!column.jsonPath) errors.push(required(`${field}.jsonPath`));
  });
  const scale = version.subresources?.scale;
  if (!scale) return;
  const field = `${path}.subresources.scale`;
  expectScalePath(
    scale.specReplicasPath,
    { field: `${field}.specReplicasPath`, root: '.spec.' },
    errors,
  );
  expectScalePath(
    scale.statusReplicasPath,
    { field: `${field}.statusReplicasPath`, root: '.status.' },
    errors,
  );
}

function expectScalePath(
  path: string | undefined,
  { field, root }: { readonly field: string; readonly root: string },
  errors: FieldErrors,
): void {
  if (!path) errors.push(required(field));
  else if (!path.startsWith(root)) {
    errors.push(invalidValue(field, path, `should be a json path under ${root.slice(0, -1)}`));
  }
}

function validateNames(names: Draft<CustomResourceDefinitionNames>, errors: FieldErrors): void {
  const checks = [
    ['plural', names.plural ?? '', false],
    ['singular', names.singular ?? '', false],
    ['kind', names.kind ?? '', true],
    ['listKind', names.listKind ?? '', true],
  ] as const;
  for (const [name, value, mayHaveCapitals] of checks) {
    if (value === '') {
      if (name === 'plural' || name === 'kind') errors.push(required(`spec.names.${name}`));
      continue;
    }
    const wrong = checkDns1035Label(mayHaveCapitals ? value.toLowerCase() : value);
    if (wrong === undefined) continue;
    const text = mayHaveCapitals
      ? `may have mixed case, but should otherwise match: ${wrong}`
      : wrong;
    errors.push(invalidValue(`spec.names.${name}`, value, text));
  }
  for (const list of ['shortNames', 'categories'] as const) {
    names[list]?.forEach((value, index) => {
      const wrong = checkDns1035Label(value);
      if (wrong !== undefined) {
        errors.push(invalidValue(`spec.names.${list}[${index}]`, value, wrong));
      }
    });
  }
  if (names.kind && names.kind === names.listKind) {
    const text = 'kind and listKind may not be the same';
    errors.push(invalidValue('spec.names.listKind', names.listKind, text));
  }
}

function validateConversion(spec: Draft<CustomResourceDefinitionSpec>, errors: FieldErrors): void {
  const conversion = spec.conversion;
  if (!conversion) return;
  const field = 'spec.conversion';
  const strategies = ['None', 'Webhook'];
  if (!conversion.strategy) errors.push(required(`${field}.strategy`));
  else if (!strategies.includes(conversion.strategy)) {
    errors.push(unsupported(`${field}.strategy`, conversion.strategy, strategies));
  }
  if (conversion.strategy !== 'Webhook') return;
  if (!conversion.webhook?.clientConfig) {
    const text = 'required when strategy is set to Webhook';
    errors.push(required(`${field}.webhookClientConfig`, text));
  }
  if (!conversion.webhook?.conversionReviewVersions?.length) {
    errors.push(required(`${field}.conversionReviewVersions`));
  }
}
