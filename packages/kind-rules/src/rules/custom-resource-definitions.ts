import {
  checkDns1035Label,
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  type ObjectDraft,
  equalsJson,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  WebhookClientConfig,
} from '@fairway/kinds/apiextensions/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, expectOneOf, FieldErrors } from '../field-checks.ts';
import { validateStoredVersions, validateVersions } from './custom-resource-versions.ts';
import { statusRules } from './status-subresource.ts';
import { validateClientConfig } from './validate-client-config.ts';

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
  allowsPlainFinalizers: true,
  applyDefaults,
  ...status,
  prepareForCreate: (definition) => {
    const stored = storageVersion(definition);
    definition.status = {
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored === undefined ? [] : [stored],
    };
    Object.assign(definition.status, { conditions: null });
  },
  prepareForUpdate: (definition, stored) => {
    status.prepareForUpdate(definition, stored);
    const next = storageVersion(definition);
    const versions = stored.status?.storedVersions ?? [];
    if (next === undefined || versions.includes(next)) return;
    definition.status = { ...definition.status, storedVersions: [...versions, next] };
  },
  validate,
  validateUpdate: (definition, stored) => {
    const errors = new FieldErrors();
    const [spec = {}, before = {}] = [definition.spec, stored.spec];
    const expectSame = (field: string, value: unknown, kept: unknown): void =>
      expectImmutable({ value, stored: kept, field: `spec.${field}` }, errors);
    const isEstablished = stored.status?.conditions?.some(
      (condition) => condition.type === 'Established' && condition.status === 'True',
    );
    if (isEstablished) {
      expectSame('scope', spec.scope, before.scope);
      expectSame('names.kind', spec.names?.kind, before.names?.kind);
    }
    expectSame('group', spec.group, before.group);
    expectSame('names.plural', spec.names?.plural, before.names?.plural);
    return errors;
  },
};

/** Of several, which is an error, the first. */
function storageVersion({ spec }: DefinitionDraft): string | undefined {
  return spec?.versions?.find(({ storage }) => storage === true)?.name;
}

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

function validate(definition: DefinitionDraft, stored?: DefinitionDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = definition.spec ?? {};
  if (stored === undefined) validateName(definition, errors);
  validateGroup(spec.group ?? '', errors);
  const scopes = { field: 'spec.scope', supported: ['Cluster', 'Namespaced'] };
  expectOneOf(spec.scope, scopes, errors);
  validateVersions(spec, errors);
  validateNames(spec.names ?? {}, errors);
  validateConversion(spec, errors);
  // Who writes the status says what is stored.
  if (stored !== undefined && equalsJson(stored.spec, spec)) return errors;
  const { status: reported } = definition;
  if (reported) validateStoredVersions(reported.storedVersions, spec.versions ?? [], errors);
  return errors;
}

function validateName({ metadata, spec }: DefinitionDraft, errors: FieldErrors): void {
  const { name = '' } = metadata ?? {};
  if (name === `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`) return;
  const text = 'must be spec.names.plural+"."+spec.group';
  errors.push(invalidValue('metadata.name', name, text));
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

function validateNames(names: Draft<CustomResourceDefinitionNames>, errors: FieldErrors): void {
  const checks = [
    ['plural', names.plural ?? '', false],
    ['singular', names.singular ?? '', false],
    ['kind', names.kind ?? '', true],
    ['listKind', names.listKind ?? '', true],
  ] as const;
  for (const [name, value, mayHaveCapitals] of checks) {
    if (value === '') {
      errors.push(required(`spec.names.${name}`));
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
  const { webhook } = conversion;
  if (conversion.strategy !== 'Webhook') {
    const text = 'should not be set when strategy is not set to Webhook';
    const forbid = (name: string): void =>
      void errors.push(forbiddenField(`${field}.${name}`, text));
    if (webhook?.clientConfig) forbid('webhookClientConfig');
    if (webhook?.conversionReviewVersions?.length) forbid('conversionReviewVersions');
    return;
  }
  const { clientConfig, conversionReviewVersions: versions = [] } = webhook ?? {};
  if (clientConfig) validateClient(clientConfig, `${field}.webhookClientConfig`, errors);
  else {
    const text = 'required when strategy is set to Webhook';
    errors.push(required(`${field}.webhookClientConfig`, text));
  }
  if (versions.length === 0) errors.push(required(`${field}.conversionReviewVersions`));
  else validateReviewVersions(versions, `${field}.conversionReviewVersions`, errors);
}

/** A service without a namespace is told of at its name, which a kube-apiserver has mixed up. */
function validateClient(
  config: Draft<WebhookClientConfig>,
  field: string,
  errors: FieldErrors,
): void {
  const { service } = config;
  if (!service || config.url !== undefined || (service.name && service.namespace)) {
    validateClientConfig(config, field, errors);
  } else {
    if (!service.namespace) errors.push(required(`${field}.service.name`));
    if (!service.name) errors.push(required(`${field}.service.namespace`));
  }
}

const reviewVersions = ['v1', 'v1beta1'];

function validateReviewVersions(
  versions: readonly string[],
  field: string,
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  versions.forEach((version, index) => {
    const wrong = checkDns1035Label(version);
    if (wrong !== undefined) errors.push(invalidValue(`${field}[${index}]`, version, wrong));
    else if (seen.has(version)) {
      errors.push(invalidValue(`${field}[${index}]`, version, 'duplicate version'));
    }
    seen.add(version);
  });
  if (reviewVersions.some((version) => seen.has(version))) return;
  const text = `must include at least one of ${reviewVersions.join(', ')}`;
  errors.push(invalidValue(field, versions, text));
}
