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
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '@fairway/kinds/networking/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectOptionalOneOf,
  expectPortNumber,
  expectPortOrName,
  FieldErrors,
} from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';
import { isStrictSubset } from '../ip-networks.ts';
import { cidr, type FormatCheck, networkOf, unlessStored } from '../string-formats.ts';

type PolicyDraft = ObjectDraft<NetworkPolicy>;

/**
 * Absent `policyTypes` mean Ingress, and Egress too when there are rules for it.
 * Source: networking.k8s.io/v1 NetworkPolicy; networking validation, ValidateNetworkPolicy.
 */
export const networkPolicyRules: KindRules<PolicyDraft> = {
  checkName: checkDnsSubdomain,
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

function validateNetworkPolicy(policy: PolicyDraft, stored?: PolicyDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const check = unlessStored(cidr, stored && networksOf(stored));
  const spec = policy.spec ?? {};
  validateLabelSelector(spec.podSelector, 'spec.podSelector', errors);
  spec.ingress?.forEach((rule, index) => {
    const path = `spec.ingress[${index}]`;
    validatePolicyPorts(rule.ports ?? [], `${path}.ports`, errors);
    rule.from?.forEach((peer, peerIndex) => {
      validatePeer(peer, { field: `${path}.from[${peerIndex}]`, check }, errors);
    });
  });
  spec.egress?.forEach((rule, index) => {
    const path = `spec.egress[${index}]`;
    validatePolicyPorts(rule.ports ?? [], `${path}.ports`, errors);
    rule.to?.forEach((peer, peerIndex) => {
      validatePeer(peer, { field: `${path}.to[${peerIndex}]`, check }, errors);
    });
  });
  const types = spec.policyTypes ?? [];
  if (types.length > 2) {
    const text = 'may not specify more than two policyTypes';
    errors.push(invalidValue('spec.policyTypes', types, text));
    return errors;
  }
  types.forEach((type, index) => {
    const supported = ['Ingress', 'Egress'];
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
    const supported = ['TCP', 'UDP', 'SCTP'];
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

/** All networks that a policy names, wherever it does. */
function* networksOf({ spec }: PolicyDraft): Iterable<string | undefined> {
  const peers = [
    ...(spec?.ingress ?? []).flatMap(({ from }) => from ?? []),
    ...(spec?.egress ?? []).flatMap(({ to }) => to ?? []),
  ];
  for (const { ipBlock } of peers) {
    yield ipBlock?.cidr;
    yield* ipBlock?.except ?? [];
  }
}

interface PeerPlace {
  readonly field: string;
  readonly check: FormatCheck;
}

function validatePeer(
  peer: Draft<NetworkPolicyPeer>,
  { field, check }: PeerPlace,
  errors: FieldErrors,
): void {
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
    validateIpBlock(peer.ipBlock, { field: `${field}.ipBlock`, check }, errors);
  }
  if (count === 0) errors.push(required(field, 'must specify a peer'));
  else if (count > 1 && peer.ipBlock) {
    errors.push(forbiddenField(field, 'may not specify both ipBlock and another peer'));
  }
}

function validateIpBlock(
  block: { readonly cidr?: string; readonly except?: readonly string[] },
  { field, check }: PeerPlace,
  errors: FieldErrors,
): void {
  if (!block.cidr) {
    errors.push(required(`${field}.cidr`));
    return;
  }
  const wrong = check(block.cidr);
  if (wrong !== undefined) errors.push(invalidValue(`${field}.cidr`, block.cidr, wrong));
  const whole = networkOf(block.cidr);
  if (whole === undefined) return;
  block.except?.forEach((except, index) => {
    const path = `${field}.except[${index}]`;
    const exceptWrong = check(except);
    if (exceptWrong !== undefined) errors.push(invalidValue(path, except, exceptWrong));
    const part = networkOf(except);
    if (part === undefined || isStrictSubset(part, whole)) return;
    errors.push(invalidValue(path, except, 'must be a strict subset of `cidr`'));
  });
}
