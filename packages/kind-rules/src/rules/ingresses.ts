import { isIP } from 'node:net';

import {
  annotationsOf,
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type { HTTPIngressPath, Ingress, IngressBackend } from '@fairway/kinds/networking/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectNoneOf,
  expectPathSegment,
  expectPortNumber,
  FieldErrors,
} from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { ipAddress, portNameProblems, unlessStored, wildcardSubdomain } from '../string-formats.ts';

type IngressDraft = ObjectDraft<Ingress>;

/** Source: networking.k8s.io/v1 Ingress; networking validation, ValidateIngressCreate. */
export const ingressRules: KindRules<IngressDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (ingress) => {
    ingress.spec ??= {};
  },
  ...statusRules<IngressDraft>(() => ({ loadBalancer: {} })),
  validate: validateIngress,
  validateCreate,
  validateSubresource: { status: validateStatus },
};

function validateIngress(
  { spec = {} }: IngressDraft,
  stored?: IngressDraft,
): readonly FieldError[] {
  const errors = new FieldErrors();
  if (!spec.rules?.length && !spec.defaultBackend) {
    const text = 'either `defaultBackend` or `rules` must be specified';
    errors.push(invalidValue('spec', spec.rules ?? null, text));
  }
  if (spec.defaultBackend) validateBackend(spec.defaultBackend, 'spec.defaultBackend', errors);
  validateRules(spec, stored?.spec, errors);
  const mayNameAnySecret = stored?.spec?.tls?.some(({ secretName }) => isBadSecret(secretName));
  spec.tls?.forEach(({ hosts, secretName }, index) => {
    const field = `spec.tls[${index}]`;
    hosts?.forEach((host, at) => expectHost(host, `${field}.hosts[${at}]`, errors));
    if (!secretName || mayNameAnySecret) return;
    expectDnsSubdomain(secretName, `${field}.secretName`, errors);
  });
  if (spec.ingressClassName !== undefined) {
    expectDnsSubdomain(spec.ingressClassName, 'spec.ingressClassName', errors);
  }
  return errors;
}

const classAnnotation = 'kubernetes.io/ingress.class';

/** The annotation of old and the field may differ later on. */
function validateCreate(ingress: IngressDraft): readonly FieldError[] {
  const annotation = annotationsOf(ingress)[classAnnotation];
  const name = ingress.spec?.ingressClassName;
  if (annotation === undefined || name === undefined || annotation === name) return [];
  const text = 'must match `ingressClassName` when both are specified';
  return [invalidValue(`annotations.${classAnnotation}`, annotation, text)];
}

function isBadSecret(name: string | undefined): boolean {
  return Boolean(name) && checkDnsSubdomain(name ?? '') !== undefined;
}

function expectHost(host: string, field: string, errors: FieldErrors): void {
  if (!host.includes('*')) return expectDnsSubdomain(host, field, errors);
  const wrong = wildcardSubdomain(host);
  if (wrong !== undefined) errors.push(invalidValue(field, host, wrong));
}

type SpecDraft = NonNullable<IngressDraft['spec']>;
type RuleDraft = NonNullable<SpecDraft['rules']>[number];

function validateRules(spec: SpecDraft, stored: SpecDraft | undefined, errors: FieldErrors): void {
  const mayBeWrong = stored?.rules?.some((rule) => {
    const found = new FieldErrors();
    if (rule.host?.includes('*')) validateRuleValue(rule, '', found);
    return found.length > 0;
  });
  spec.rules?.forEach((rule, index) => {
    const field = `spec.rules[${index}]`;
    const { host = '' } = rule;
    if (isIP(host) !== 0) {
      const text = 'must be a DNS name, not an IP address';
      errors.push(invalidValue(`${field}.host`, host, text));
    }
    if (host !== '') expectHost(host, `${field}.host`, errors);
    // What stands behind a wildcard was not looked at once.
    if (!mayBeWrong || !host.includes('*')) validateRuleValue(rule, field, errors);
  });
}

function validateRuleValue({ http }: RuleDraft, field: string, errors: FieldErrors): void {
  if (!http) return;
  if (!http.paths?.length) errors.push(required(`${field}.http.paths`));
  http.paths?.forEach((path, index) => {
    validatePath(path, `${field}.http.paths[${index}]`, errors);
  });
}

const forbiddenInPath = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenSuffixes = ['/..', '/.'];

function validatePath(
  { path = '', pathType, backend }: Draft<HTTPIngressPath>,
  field: string,
  errors: FieldErrors,
): void {
  if (pathType === undefined) {
    errors.push(required(`${field}.pathType`, 'pathType must be specified'));
    return;
  }
  const refuse = (text: string): void => {
    errors.push(invalidValue(`${field}.path`, path, text));
  };
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) refuse('must be an absolute path');
    for (const part of forbiddenInPath) {
      if (path.includes(part)) refuse(`must not contain '${part}'`);
    }
    for (const suffix of forbiddenSuffixes) {
      if (path.endsWith(suffix)) refuse(`cannot end with '${suffix}'`);
    }
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) refuse('must be an absolute path');
  } else {
    const types = ['Exact', 'ImplementationSpecific', 'Prefix'];
    errors.push(unsupported(`${field}.pathType`, pathType, types));
  }
  validateBackend(backend ?? {}, `${field}.backend`, errors);
}

function validateBackend(
  { resource, service }: Draft<IngressBackend>,
  field: string,
  errors: FieldErrors,
): void {
  if (resource && service) {
    errors.push(invalidValue(field, '', 'cannot set both resource and service backends'));
  } else if (resource) {
    const path = `${field}.resource`;
    const { apiGroup } = resource;
    if (apiGroup !== undefined) expectDnsSubdomain(apiGroup, `${path}.apiGroup`, errors);
    for (const name of ['kind', 'name'] as const) {
      if (!resource[name]) errors.push(required(`${path}.${name}`));
      else expectPathSegment(resource[name], `${path}.${name}`, errors);
    }
  } else if (service) validateServiceBackend(service, field, errors);
  else errors.push(invalidValue(field, '', 'resource or service backend is required'));
}

function validateServiceBackend(
  { name, port = {} }: NonNullable<Draft<IngressBackend>['service']>,
  field: string,
  errors: FieldErrors,
): void {
  if (!name) errors.push(required(`${field}.service.name`));
  else expectDnsLabel(name, `${field}.service.name`, errors);
  if (port.name && port.number) {
    errors.push(invalidValue(field, '', 'cannot set both port name & port number'));
  } else if (port.name) {
    const place = { value: port.name, field: `${field}.service.port.name` };
    expectNoneOf(portNameProblems(port.name), place, errors);
  } else if (port.number) expectPortNumber(port.number, `${field}.service.port.number`, errors);
  else errors.push(required(field, 'port name or number is required'));
}

/** By which addresses the ingress is reached. */
function validateStatus({ status }: IngressDraft, stored: IngressDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const points = status?.loadBalancer?.ingress ?? [];
  const check = unlessStored(
    ipAddress,
    stored.status?.loadBalancer?.ingress?.map(({ ip }) => ip),
  );
  points.forEach(({ ip = '', hostname = '' }, index) => {
    const field = `status.loadBalancer.ingress[${index}]`;
    const wrong = ip === '' ? undefined : check(ip);
    if (wrong !== undefined) errors.push(invalidValue(`${field}.ip`, ip, wrong));
    if (hostname === '') return;
    expectDnsSubdomain(hostname, `${field}.hostname`, errors);
    if (isIP(hostname) === 0) return;
    const text = 'must be a DNS name, not an IP address';
    errors.push(invalidValue(`${field}.hostname`, hostname, text));
  });
  return errors;
}
