import { isIP, isIPv6 } from 'node:net';

import { checkDnsSubdomain, invalidValue, type ObjectDraft, required } from '@fairway/protocol';
import type { IPAddress, ServiceCIDR } from '@fairway/kinds/networking/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';
import { canonicalCidr } from '../string-formats.ts';

/**
 * The name is the address itself.
 * Source: networking.k8s.io/v1 IPAddress; networking validation; KEP-1880.
 */
export const ipAddressRules: KindRules<ObjectDraft<IPAddress>> = {
  checkName: (name) =>
    isIP(name) === 0 ? 'must be a valid IP address in canonical form' : undefined,
  validate: (address) => {
    const errors = new FieldErrors();
    const parent = address.spec?.parentRef;
    if (!parent) errors.push(required('spec.parentRef'));
    else {
      if (!parent.resource) errors.push(required('spec.parentRef.resource'));
      if (!parent.name) errors.push(required('spec.parentRef.name'));
    }
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
  validate: (range) => {
    const errors = new FieldErrors();
    const cidrs = range.spec?.cidrs ?? [];
    if (cidrs.length === 0) {
      errors.push(required('spec.cidrs', 'at least one CIDR required'));
    }
    if (cidrs.length > 2) {
      const text = 'may only hold up to 2 values';
      errors.push(invalidValue('spec.cidrs', cidrs, text));
    }
    if (
      cidrs.length === 2 &&
      isIPv6(cidrs[0]?.split('/')[0] ?? '') === isIPv6(cidrs[1]?.split('/')[0] ?? '')
    ) {
      const text = 'must specify one CIDR value from each IP family';
      errors.push(invalidValue('spec.cidrs', cidrs, text));
    }
    cidrs.forEach((value, index) => {
      const wrong = canonicalCidr(value);
      if (wrong !== undefined) errors.push(invalidValue(`spec.cidrs[${index}]`, value, wrong));
    });
    return errors;
  },
  validateUpdate: (range, stored) => {
    const errors = new FieldErrors();
    const cidrs = range.spec?.cidrs ?? [];
    const before = stored.spec?.cidrs ?? [];
    // A range of one family may get the other one too.
    const isExtended = before.length === 1 && cidrs.length === 2 && cidrs[0] === before[0];
    if (!isExtended) expectImmutable({ value: cidrs, stored: before, field: 'spec.cidrs' }, errors);
    return errors;
  },
};
