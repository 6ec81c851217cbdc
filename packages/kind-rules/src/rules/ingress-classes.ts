import {
  checkDnsSubdomain,
  type Draft,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  tooLong,
} from '@fairway/protocol';
import type { IngressClass, IngressClassParametersReference } from '@fairway/kinds/networking/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectImmutable,
  expectOneOf,
  expectPathSegment,
  FieldErrors,
} from '../field-checks.ts';

/** Source: networking.k8s.io/v1 IngressClass; networking validation, ValidateIngressClass. */
export const ingressClassRules: KindRules<ObjectDraft<IngressClass>> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (ingressClass) => {
    ingressClass.spec ??= {};
    if (ingressClass.spec.parameters) ingressClass.spec.parameters.scope ??= 'Cluster';
  },
  validate: ({ spec }) => {
    const errors = new FieldErrors();
    expectDomainPath(spec?.controller ?? '', 'spec.controller', errors);
    if (spec?.parameters) validateParameters(spec.parameters, 'spec.parameters', errors);
    return errors;
  },
  validateUpdate: (ingressClass, stored) => {
    const errors = new FieldErrors();
    const value = { value: ingressClass.spec?.controller, stored: stored.spec?.controller };
    expectImmutable({ ...value, field: 'spec.controller' }, errors);
    return errors;
  },
};

const controllerLengthMax = 250;
/** Source: RFC 3986, 3.3. */
const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const wholePath = new RegExp(`^${pathPattern}$`);

/** A path below a domain, which keeps controllers of different makers apart: `acme.io/foo`. */
function expectDomainPath(value: string, field: string, errors: FieldErrors): void {
  if (value === '') {
    errors.push(required(field));
    return;
  }
  if (value.length > controllerLengthMax) errors.push(tooLong(field, controllerLengthMax));
  const [domain = '', ...steps] = value.split('/');
  const path = steps.join('/');
  if (domain === '' || path === '') {
    const text = 'must be a domain-prefixed path (such as "acme.io/foo")';
    errors.push(invalidValue(field, value, text));
    return;
  }
  expectDnsSubdomain(domain, field, errors);
  if (wholePath.test(path)) return;
  const text = `Invalid path (regex used for validation is '${pathPattern}')`;
  errors.push(invalidValue(field, path, text));
}

function validateParameters(
  parameters: Draft<IngressClassParametersReference>,
  field: string,
  errors: FieldErrors,
): void {
  const { apiGroup, kind, name, scope, namespace } = parameters;
  if (apiGroup !== undefined) expectDnsSubdomain(apiGroup, `${field}.apiGroup`, errors);
  if (!kind) errors.push(required(`${field}.kind`, 'kind is required'));
  else expectPathSegment(kind, `${field}.kind`, errors);
  if (!name) errors.push(required(`${field}.name`, 'name is required'));
  else expectPathSegment(name, `${field}.name`, errors);
  const supported = ['Cluster', 'Namespace'];
  expectOneOf(scope, { field: `${field}.scope`, supported }, errors);
  const path = `${field}.namespace`;
  if (scope === 'Namespace') {
    const text = "`parameters.scope` is set to 'Namespace'";
    if (namespace === undefined) errors.push(required(path, text));
    else expectDnsLabel(namespace, path, errors);
  }
  if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(forbiddenField(path, "`parameters.scope` is set to 'Cluster'"));
  }
}
