import {
  checkDnsSubdomain,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import { isIP, isIPv4 } from 'node:net';
import type {
  IPAddress,
  Ingress,
  IngressBackend,
  IngressClass,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  ServiceCIDR,
} from '@fairway/kinds/networking/v1';

import type { KindRules } from '../registry/kind-rules.ts';
import type { Draft, ObjectDraft } from './draft.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectImmutable,
  expectOptionalOneOf,
  expectPortNumber,
  expectPortOrName,
  type FieldErrors,
} from './field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { statusRules } from './status-subresource.ts';
import { cidr, parseCidr, portName, wildcardSubdomain } from './string-formats.ts';

type IngressDraft = ObjectDraft<Ingress>;
type PolicyDraft = ObjectDraft<NetworkPolicy>;

export const ingressRules: KindRules<IngressDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (ingress) => {
    ingress.spec ??= {};
  },
  ...statusRules<IngressDraft>(() => ({ loadBalancer: {} })),
  validate: validateIngress,
};

const classAnnotation = 'kubernetes.io/ingress.class';

function validateIngress(ingress: IngressDraft): readonly FieldError[] {
  const errors: FieldErrors = [];
  const spec = ingress.spec ?? {};
  if (!spec.rules?.length && !spec.defaultBackend) {
    const text = 'either `defaultBackend` or `rules` must be specified';
    errors.push(invalidValue('spec', spec.rules ?? [], text));
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
      errors.push(invalidValue(`metadata.annotations[${classAnnotation}]`, annotation, text));
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
    const wrong = portName(port.name);
    if (wrong !== undefined)
      errors.push(invalidValue(`${field}.service.port.name`, port.name, wrong));
  } else if (port.number) expectPortNumber(port.number, `${field}.service.port.number`, errors);
  else errors.push(required(field, 'port name or number is required'));
}

export const ingressClassRules: KindRules<ObjectDraft<IngressClass>> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (ingressClass) => {
    ingressClass.spec ??= {};
    if (ingressClass.spec.parameters) ingressClass.spec.parameters.scope ??= 'Cluster';
  },
  validate: (ingressClass) => {
    const errors: FieldErrors = [];
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
    const errors: FieldErrors = [];
    const value = {
      value: ingressClass.spec?.controller,
      stored: stored.spec?.controller,
      field: 'spec.controller',
    };
    expectImmutable(value, errors);
    return errors;
  },
};

export const networkPolicyRules: KindRules<PolicyDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  applyDefaults: (policy) => {
    policy.spec ??= {};
    const spec = policy.spec;
    spec.podSelector ??= {};
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    }
    if (!spec.policyTypes?.length) {
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
  validate: validateNetworkPolicy,
};

function validateNetworkPolicy(policy: PolicyDraft): readonly FieldError[] {
  const errors: FieldErrors = [];
  const spec = policy.spec ?? {};
  validateLabelSelector(spec.podSelector, 'spec.podSelector', errors);
  spec.ingress?.forEach((rule, index) => {
    const path = `spec.ingress[${index}]`;
    validatePolicyPorts(rule.ports ?? [], `${path}.ports`, errors);
    rule.from?.forEach((peer, peerIndex) => {
      validatePeer(peer, `${path}.from[${peerIndex}]`, errors);
    });
  });
  spec.egress?.forEach((rule, index) => {
    const path = `spec.egress[${index}]`;
    validatePolicyPorts(rule.ports ?? [], `${path}.ports`, errors);
    rule.to?.forEach((peer, peerIndex) => {
      validatePeer(peer, `${path}.to[${peerIndex}]`, errors);
    });
  });
  const types = spec.policyTypes ?? [];
  if (types.length > 2) {
    const text = 'may not specify more than two policyTypes';
    errors.push(invalidValue('spec.policyTypes', types, text));
  }
  types.forEach((type, index) => {
    const supported = ['Egress', 'Ingress'];
    if (!supported.includes(type)) {
      errors.push(unsupported(`spec.policyTypes[${index}]`, type, supported));
    }
  });
  return errors;
}

function validatePolicyPorts(
  ports: readonly Draft<NetworkPolicyPort>[],
  field: string,
  errors: FieldErrors,
): void {
  ports.forEach((port, index) => {
    const path = `${field}[${index}]`;
    const supported = ['SCTP', 'TCP', 'UDP'];
    expectOptionalOneOf(port.protocol, { field: `${path}.protocol`, supported }, errors);
    if (port.port === undefined) {
      if (port.endPort !== undefined) {
        const text = 'may not be specified when `port` is not specified';
        errors.push(invalidValue(`${path}.endPort`, port.endPort, text));
      }
      return;
    }
    expectPortOrName(port.port, `${path}.port`, errors);
    if (port.endPort === undefined) return;
    if (typeof port.port === 'string') {
      const text = 'may not be specified when `port` is non-numeric';
      errors.push(invalidValue(`${path}.endPort`, port.endPort, text));
    } else {
      if (port.endPort < port.port) {
        const text = 'must be greater than or equal to `port`';
        errors.push(invalidValue(`${path}.endPort`, port.endPort, text));
      }
      expectPortNumber(port.endPort, `${path}.endPort`, errors);
    }
  });
}

function validatePeer(peer: Draft<NetworkPolicyPeer>, field: string, errors: FieldErrors): void {
  let count = 0;
  if (peer.podSelector) {
    count += 1;
    validateLabelSelector(peer.podSelector, `${field}.podSelector`, errors);
  }
  if (peer.namespaceSelector) {
    count += 1;
    validateLabelSelector(peer.namespaceSelector, `${field}.namespaceSelector`, errors);
  }
  if (peer.ipBlock) {
    count += 1;
    validateIpBlock(peer.ipBlock, `${field}.ipBlock`, errors);
  }
  if (count === 0) errors.push(required(field, 'must specify a peer'));
  else if (count > 1 && peer.ipBlock) {
    errors.push(forbiddenField(field, 'may not specify both ipBlock and another peer'));
  }
}

function validateIpBlock(
  block: { readonly cidr?: string; readonly except?: readonly string[] },
  field: string,
  errors: FieldErrors,
): void {
  if (!block.cidr) {
    errors.push(required(`${field}.cidr`));
    return;
  }
  const wrong = cidr(block.cidr);
  if (wrong !== undefined) errors.push(invalidValue(`${field}.cidr`, block.cidr, wrong));
  const whole = parseCidr(block.cidr);
  block.except?.forEach((except, index) => {
    const path = `${field}.except[${index}]`;
    const exceptWrong = cidr(except);
    const part = parseCidr(except);
    if (exceptWrong !== undefined) errors.push(invalidValue(path, except, exceptWrong));
    else if (whole && part && !isStrictSubset(part, whole)) {
      errors.push(invalidValue(path, except, `must be a strict subset of \`cidr\``));
    }
  });
}

interface Network {
  readonly address: string;
  readonly prefixBits: number;
}

function isStrictSubset(part: Network, whole: Network): boolean {
  if (isIPv4(part.address) !== isIPv4(whole.address)) return false;
  if (part.prefixBits <= whole.prefixBits) return false;
  const shift = BigInt((isIPv4(part.address) ? 32 : 128) - whole.prefixBits);
  return bitsOf(part.address) >> shift === bitsOf(whole.address) >> shift;
}

function bitsOf(address: string): bigint {
  if (isIPv4(address)) {
    return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  }
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = address.includes('::') ? [...left, ...middle, ...right] : left;
  return groups.reduce((bits, part) => (bits << 16n) | BigInt(`0x${part || '0'}`), 0n);
}

export const ipAddressRules: KindRules<ObjectDraft<IPAddress>> = {
  checkName: (name) =>
    isIP(name) === 0 ? 'must be a valid IP address in canonical form' : undefined,
  hasGeneration: true,
  validate: (address) => {
    const errors: FieldErrors = [];
    const parent = address.spec?.parentRef;
    if (!parent) errors.push(required('spec.parentRef'));
    else {
      if (!parent.resource) errors.push(required('spec.parentRef.resource'));
      if (!parent.name) errors.push(required('spec.parentRef.name'));
    }
    return errors;
  },
  validateUpdate: (address, stored) => {
    const errors: FieldErrors = [];
    const value = { value: address.spec?.parentRef, stored: stored.spec?.parentRef };
    expectImmutable({ ...value, field: 'spec.parentRef' }, errors);
    return errors;
  },
};

type CidrDraft = ObjectDraft<ServiceCIDR>;

export const serviceCidrRules: KindRules<CidrDraft> = {
  checkName: checkDnsSubdomain,
  hasGeneration: true,
  ...statusRules<CidrDraft>(() => ({})),
  validate: (range) => {
    const errors: FieldErrors = [];
    const cidrs = range.spec?.cidrs ?? [];
    if (cidrs.length === 0) {
      errors.push(required('spec.cidrs', 'at least one CIDR required'));
    }
    if (cidrs.length > 2) {
      const text = 'may only hold up to 2 values';
      errors.push(invalidValue('spec.cidrs', cidrs, text));
    }
    cidrs.forEach((value, index) => {
      const wrong = cidr(value);
      if (wrong !== undefined) errors.push(invalidValue(`spec.cidrs[${index}]`, value, wrong));
    });
    return errors;
  },
};
