import { isIP } from 'node:net';

import { checkDnsSubdomain, invalidValue, type ObjectDraft, required } from '@fairway/protocol';
import type { IPAddress, ServiceCIDR } from '@fairway/kinds/networking/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectDnsSubdomain,
  expectImmutable,
  expectPathSegment,
  FieldErrors,
  immutableText,
} from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { canonicalCidr, canonicalIpAddress, networkOf } from '../string-formats.ts';

/**
 * The name is the address itself.
 * Source: networking.k8s.io/v1 IPAddress; networking validation; KEP-1880.
 */
export const ipAddressRules: KindRules<ObjectDraft<IPAddress>> = {
  checkName: (name) => canonicalIpAddress(name),
  validate: ({ spec }) => {
    const errors = new FieldErrors();
    if (!spec?.parentRef) {
      errors.push(required('spec.parentRef'));
      return errors;
    }
    const { group, resource, name, namespace } = spec.parentRef;
    if (group) expectDnsSubdomain(group, 'spec.parentRef.group', errors);
    if (!resource) errors.push(required('spec.parentRef.resource'));
    else expectPathSegment(resource, 'spec.parentRef.resource', errors);
    if (!name) errors.push(required('spec.parentRef.name'));
    else expectPathSegment(name, 'spec.parentRef.name', errors);
    if (namespace) expectPathSegment(namespace, 'spec.parentRef.namespace', errors);
    return errors;
  },
  validateUpdate: (address, stored) => {
    const errors = new FieldErrors();
    const value = { value: address.spec?.parentRef, stored: stored.spec?.parentRef };
    expectImmutable({ ...value, field: 'spec.parentRef' }, errors);
    return errors;
  },
};

type CidrDraft = ObjectDraft<ServiceCIDR>;

/** Source: networking.k8s.io/v1 ServiceCIDR; networking validation; KEP-1880. */
export const serviceCidrRules: KindRules<CidrDraft> = {
  checkName: checkDnsSubdomain,
  ...statusRules<CidrDraft>(() => ({})),
  validate: ({ spec }) => {
    const errors = new FieldErrors();
    const cidrs = spec?.cidrs ?? [];
    if (cidrs.length === 0) errors.push(required('spec.cidrs', 'at least one CIDR required'));
    if (cidrs.length > 2) {
      const text = 'may only hold up to 2 values';
      errors.push(invalidValue('spec.cidrs', { CIDRs: cidrs }, text));
      return errors;
    }
    cidrs.forEach((value, index) => {
      const wrong = canonicalCidr(value);
      if (wrong !== undefined) errors.push(invalidValue(`spec.cidrs[${index}]`, value, wrong));
    });
    const [first, second] = cidrs.map(familyOf);
    if (cidrs.length === 2 && first === second && first !== 0) {
      const text =
        'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
      errors.push(invalidValue('spec.cidrs', cidrs, text));
    }
    return errors;
  },
  validateUpdate: (range, stored) => {
    const errors = new FieldErrors();
    const cidrs = range.spec?.cidrs ?? [];
    const before = stored.spec?.cidrs ?? [];
    // A range of one family may get the other one too.
    const isExtended = before.length === 1 && cidrs.length === 2;
    if (before.length !== cidrs.length && !isExtended) {
      errors.push(invalidValue('spec.cidrs', cidrs, immutableText));
      return errors;
    }
    before.forEach((old, index) => {
      if (cidrs[index] === old) return;
      errors.push(invalidValue(`spec.cidrs[${index}]`, cidrs[index], immutableText));
    });
    return errors;
  },
};

/** 4 or 6, or 0 of what is no network. */
function familyOf(value: string): number {
  return isIP(networkOf(value)?.address ?? '');
}
