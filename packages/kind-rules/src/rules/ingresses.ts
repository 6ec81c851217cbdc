import { isIP } from 'node:net';

import {
  checkDnsSubdomain,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type { Ingress, IngressBackend, IngressClass } from '@fairway/kinds/networking/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectImmutable,
  expectOptionalOneOf,
  expectPortNumber,
  FieldErrors,
  expectNoneOf,
} from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { portNameProblems, wildcardSubdomain } from '../string-formats.ts';

type IngressDraft = ObjectDraft<Ingress>;

/** Source: networking.k8s.io/v1 Ingress; networking validation, ValidateIngressCreate. */
export const ingressRules: KindRules<IngressDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (ingress) => {
    ingress.spec ??= {};
  },
  ...statusRules<IngressDraft>(() => ({ loadBalancer: {} })),
  validate: validateIngress,
};

const classAnnotation = 'kubernetes.io/ingress.class';

function validateIngress(ingress: IngressDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = ingress.spec ?? {};
  if (!spec.rules?.length && !spec.defaultBackend) {
    const text = 'either `defaultBackend` or `rules` must be specified';
    errors.push(invalidValue('spec', spec.rules ?? null, text));
  }
  if (spec.defaultBackend) validateBackend(spec.defaultBackend, 'spec.defaultBackend', errors);
  validateIngressRules(ingress, errors);
  spec.tls?.forEach((tls, index) => {
    tls.hosts?.forEach((host, hostIndex) => {
      const path = `spec.tls[${index}].hosts[${hostIndex}]`;
      if (host.includes('*')) {
        const wrong = wildcardSubdomain(host);
        if (wrong !== undefined) errors.push(invalidValue(path, host, wrong));
      } else expectDnsSubdomain(host, path, errors);
    });
  });
  if (spec.ingressClassName !== undefined) {
    expectDnsSubdomain(spec.ingressClassName, 'spec.ingressClassName', errors);
    const annotation = ingress.metadata?.annotations?.[classAnnotation];
    if (annotation !== undefined && annotation !== spec.ingressClassName) {
      const text = 'must match `ingressClassName` when both are specified';
      errors.push(invalidValue(`annotations.${classAnnotation}`, annotation, text));
    }
  }
  return errors;
}

function validateIngressRules(ingress: IngressDraft, errors: FieldErrors): void {
  ingress.spec?.rules?.forEach((rule, index) => {
    const path = `spec.rules[${index}]`;
    if (rule.host) {
      if (isIP(rule.host) !== 0) {
        const text = 'must be a DNS name, not an IP address';
        errors.push(invalidValue(`${path}.host`, rule.host, text));
      } else if (rule.host.includes('*')) {
        const wrong = wildcardSubdomain(rule.host);
        if (wrong !== undefined) errors.push(invalidValue(`${path}.host`, rule.host, wrong));
      } else expectDnsSubdomain(rule.host, `${path}.host`, errors);
    }
    if (!rule.http) return;
    if (!rule.http.paths?.length) errors.push(required(`${path}.http.paths`));
    rule.http.paths?.forEach((each, pathIndex) => {
      validateIngressPath(each, `${path}.http.paths[${pathIndex}]`, errors);
    });
  });
}

const forbiddenInPath = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenSuffixes = ['/..', '/.'];

function validateIngressPath(
  path: {
    readonly path?: string;
    readonly pathType?: string;
    readonly backend?: Draft<IngressBackend>;
  },
  field: string,
  errors: FieldErrors,
): void {
  const types = ['Exact', 'ImplementationSpecific', 'Prefix'];
  const text = path.path ?? '';
  if (!path.pathType) errors.push(required(`${field}.pathType`, 'pathType must be specified'));
  else if (path.pathType === 'Exact' || path.pathType === 'Prefix') {
    if (!text.startsWith('/')) {
      errors.push(invalidValue(`${field}.path`, text, 'must be an absolute path'));
    }
    for (const part of forbiddenInPath) {
      if (text.includes(part)) {
        errors.push(invalidValue(`${field}.path`, text, `must not contain '${part}'`));
      }
    }
    for (const suffix of forbiddenSuffixes) {
      if (text.endsWith(suffix)) {
        errors.push(invalidValue(`${field}.path`, text, `cannot end with '${suffix}'`));
      }
    }
  } else if (path.pathType !== 'ImplementationSpecific') {
    errors.push(unsupported(`${field}.pathType`, path.pathType, types));
  } else if (text !== '' && !text.startsWith('/')) {
    errors.push(invalidValue(`${field}.path`, text, 'must be an absolute path'));
  }
  validateBackend(path.backend ?? {}, `${field}.backend`, errors);
}

function validateBackend(backend: Draft<IngressBackend>, field: string, errors: FieldErrors): void {
  if (backend.resource) {
    if (backend.service) {
      const text = 'cannot set both resource and service backends';
      errors.push(invalidValue(field, '', text));
    } else {
      if (!backend.resource.name) errors.push(required(`${field}.resource.name`));
      if (!backend.resource.kind) errors.push(required(`${field}.resource.kind`));
    }
    return;
  }
  if (!backend.service) {
    errors.push(required(field, 'service or resource backend is required'));
    return;
  }
  const { name, port = {} } = backend.service;
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

/** Source: networking.k8s.io/v1 IngressClass; networking validation, ValidateIngressClass. */
export const ingressClassRules: KindRules<ObjectDraft<IngressClass>> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (ingressClass) => {
    ingressClass.spec ??= {};
    if (ingressClass.spec.parameters) ingressClass.spec.parameters.scope ??= 'Cluster';
  },
  validate: (ingressClass) => {
    const errors = new FieldErrors();
    const controller = ingressClass.spec?.controller ?? '';
    const [domain = '', ...rest] = controller.split('/');
    if (controller.length > 250) {
      errors.push(invalidValue('spec.controller', controller, 'may not be more than 250 bytes'));
    }
    if (rest.length === 0 || rest.join('/') === '' || checkDnsSubdomain(domain) !== undefined) {
      const text = 'must be a domain-prefixed path (such as "acme.io/foo")';
      errors.push(invalidValue('spec.controller', controller, text));
    }
    const parameters = ingressClass.spec?.parameters;
    if (!parameters) return errors;
    const field = 'spec.parameters';
    if (!parameters.kind) errors.push(required(`${field}.kind`, 'kind is required'));
    if (!parameters.name) errors.push(required(`${field}.name`, 'name is required'));
    const supported = ['Cluster', 'Namespace'];
    expectOptionalOneOf(parameters.scope, { field: `${field}.scope`, supported }, errors);
    if (parameters.scope === 'Namespace' && !parameters.namespace) {
      const text = "`parameters.scope` is set to 'Namespace'";
      errors.push(required(`${field}.namespace`, text));
    }
    if (parameters.scope === 'Cluster' && parameters.namespace !== undefined) {
      const text = "`parameters.scope` is set to 'Cluster'";
      errors.push(forbiddenField(`${field}.namespace`, text));
    }
    return errors;
  },
  validateUpdate: (ingressClass, stored) => {
    const errors = new FieldErrors();
    const value = {
      value: ingressClass.spec?.controller,
      stored: stored.spec?.controller,
      field: 'spec.controller',
    };
    expectImmutable(value, errors);
    return errors;
  },
};
