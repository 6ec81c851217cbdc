import {
  checkDnsLabel,
  type Draft,
  type FieldError,
  forbiddenField,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
} from '@fairway/protocol';
import type { Service, ServiceSpec } from '@fairway/kinds/core/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectDnsSubdomain,
  expectLabels,
  expectOneOf,
  expectOptionalOneOf,
  expectPortNumber,
  expectQualifiedName,
  FieldErrors,
} from '../field-checks.ts';
import { validatePortUse, validatePorts } from './service-ports.ts';
import { validateServiceAddresses, validateServiceAddressUpdate } from './service-addresses.ts';
import { expectPublicAddress } from './ip-addresses.ts';
import { alignClusterAddresses, carryOverAllocations } from './service-carry-over.ts';
import { validateSourceRanges } from './service-source-ranges.ts';
import { statusRules } from './status-subresource.ts';

type ServiceDraft = ObjectDraft<Service>;

const status = statusRules<ServiceDraft>(() => ({ loadBalancer: {} }));

/** Source: v1 Service; core validation, ValidateService; KEP-563 for dual stack. */
export const serviceRules: KindRules<ServiceDraft> = {
  checkName: checkDnsLabel,
  deletion: { answersObject: true },
  applyDefaults,
  ...status,
  prepareForCreate: (service) => {
    status.prepareForCreate(service);
    if (service.spec) alignClusterAddresses(service.spec);
  },
  prepareForUpdate: (service, stored) => {
    status.prepareForUpdate(service, stored);
    if (service.spec && stored.spec) carryOverAllocations(service.spec, stored.spec);
  },
  validate,
  validateUpdate,
  fieldLabels: {
    'spec.clusterIP': (service) => service.spec?.clusterIP ?? '',
    'spec.type': (service) => service.spec?.type ?? '',
  },
};

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const clientAffinitySecondsMax = 86400;

function applyDefaults(service: ServiceDraft): void {
  service.spec ??= {};
  const spec = service.spec;
  if (!spec.sessionAffinity) spec.sessionAffinity = 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800 } };
    }
  }
  if (!spec.type) spec.type = 'ClusterIP';
  for (const port of spec.ports ?? []) {
    if (!port.protocol) port.protocol = 'TCP';
    if (!port.targetPort) port.targetPort = port.port ?? 0;
  }
  if (isExternallyAccessible(spec) && !spec.externalTrafficPolicy) {
    spec.externalTrafficPolicy = 'Cluster';
  }
  if (!spec.internalTrafficPolicy && spec.type !== 'ExternalName') {
    spec.internalTrafficPolicy = 'Cluster';
  }
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
    if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}

function isExternallyAccessible(spec: Draft<ServiceSpec>): boolean {
  return (
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)
  );
}

/** A service without an address of its own. */
function isHeadless(spec: Draft<ServiceSpec>): boolean {
  return (spec.clusterIPs?.[0] ?? spec.clusterIP) === 'None';
}

function validate(service: ServiceDraft, stored?: ServiceDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = service.spec ?? {};
  if (!spec.ports?.length && !isHeadless(spec) && spec.type !== 'ExternalName') {
    errors.push(required('spec.ports'));
  }
  validateType(spec, errors);
  validatePorts(spec, errors);
  expectLabels(spec.selector, 'spec.selector', errors);
  validateAffinity(spec, errors);
  validateServiceAddresses(spec, stored?.spec, errors);
  const oldAddresses = new Set(stored?.spec?.externalIPs);
  spec.externalIPs?.forEach((ip, index) => {
    const place = { field: `spec.externalIPs[${index}]`, stored: oldAddresses };
    expectPublicAddress(ip, place, errors);
  });
  expectOneOf(spec.type, { field: 'spec.type', supported: types }, errors);
  validatePortUse(spec, errors);
  validateSourceRanges(service, stored, errors);
  validateLoadBalancer(spec, errors);
  validateTraffic(spec, errors);
  return errors;
}

function validateType(spec: Draft<ServiceSpec>, errors: FieldErrors): void {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (isHeadless(spec)) {
      const text = `may not be set to 'None' for ${spec.type} services`;
      errors.push(invalidValue('spec.clusterIPs[0]', 'None', text));
    }
    return;
  }
  if (spec.type !== 'ExternalName') return;
  const text = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length || spec.clusterIP) {
    errors.push(forbiddenField('spec.clusterIPs', text));
  }
  if (spec.ipFamilies?.length) errors.push(forbiddenField('spec.ipFamilies', text));
  if (spec.ipFamilyPolicy) errors.push(forbiddenField('spec.ipFamilyPolicy', text));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(required('spec.externalName'));
  else expectDnsSubdomain(name, 'spec.externalName', errors);
}

function validateAffinity(spec: Draft<ServiceSpec>, errors: FieldErrors): void {
  const field = 'spec.sessionAffinityConfig';
  expectOneOf(
    spec.sessionAffinity,
    { field: 'spec.sessionAffinity', supported: ['ClientIP', 'None'] },
    errors,
  );
  if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig) {
    errors.push(forbiddenField(field, 'must not be set when session affinity is None'));
  }
  if (spec.sessionAffinity !== 'ClientIP') return;
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined) {
    errors.push(required(field, 'when session affinity type is ClientIP'));
  } else if (seconds <= 0 || seconds > clientAffinitySecondsMax) {
    const text = `must be greater than 0 and less than ${clientAffinitySecondsMax}`;
    errors.push(invalidValue(`${field}.clientIP.timeoutSeconds`, seconds, text));
  }
}

function validateLoadBalancer(spec: Draft<ServiceSpec>, errors: FieldErrors): void {
  const text = "may only be used when `type` is 'LoadBalancer'";
  const isBalanced = spec.type === 'LoadBalancer';
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalanced) {
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', text));
  }
  if (spec.loadBalancerClass === undefined) return;
  if (!isBalanced) errors.push(forbiddenField('spec.loadBalancerClass', text));
  else expectQualifiedName(spec.loadBalancerClass, 'spec.loadBalancerClass', errors);
}

function validateTraffic(spec: Draft<ServiceSpec>, errors: FieldErrors): void {
  const supported = ['Cluster', 'Local'];
  const external = { field: 'spec.externalTrafficPolicy', supported };
  if (isExternallyAccessible(spec)) expectOneOf(spec.externalTrafficPolicy, external, errors);
  else if (spec.externalTrafficPolicy) {
    const text = 'may only be set for externally-accessible services';
    errors.push(invalidValue(external.field, spec.externalTrafficPolicy, text));
  }
  if (spec.healthCheckNodePort) {
    if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local') {
      expectPortNumber(spec.healthCheckNodePort, 'spec.healthCheckNodePort', errors);
    } else {
      const text =
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
      errors.push(invalidValue('spec.healthCheckNodePort', spec.healthCheckNodePort, text));
    }
  }
  const internal = { field: 'spec.internalTrafficPolicy', supported };
  if (spec.type !== undefined && spec.type !== 'ExternalName' && types.includes(spec.type)) {
    expectOneOf(spec.internalTrafficPolicy, internal, errors);
  } else expectOptionalOneOf(spec.internalTrafficPolicy, internal, errors);
  const distribution = spec.trafficDistribution;
  const known = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  if (distribution !== undefined && !known.includes(distribution)) {
    errors.push(unsupported('spec.trafficDistribution', distribution, known));
  }
}

function validateUpdate(service: ServiceDraft, stored: ServiceDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const spec = service.spec ?? {};
  const old = stored.spec ?? {};
  validateServiceAddressUpdate(spec, old, errors);
  if (spec.type === 'LoadBalancer' && old.type === 'LoadBalancer') {
    if (spec.loadBalancerClass !== old.loadBalancerClass) {
      const text = 'may not change once set';
      errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass ?? null, text));
    }
    const isLocal = spec.externalTrafficPolicy === 'Local' && old.externalTrafficPolicy === 'Local';
    if (isLocal && (spec.healthCheckNodePort ?? 0) !== (old.healthCheckNodePort ?? 0)) {
      errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'));
    }
  }
  return errors;
}
