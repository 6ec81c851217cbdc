import { isIPv6 } from 'node:net';

import { type Draft, duplicate, invalidValue, unsupported } from '@fairway/protocol';
import type { ServiceSpec } from '@fairway/kinds/core/v1';

import { expectOptionalOneOf, type FieldErrors } from '../field-checks.ts';
import { type FormatCheck, ipAddress, unlessStored } from '../string-formats.ts';

/**
 * What is wrong with the cluster addresses and IP families of a service, as far as it has them.
 * Source: core validation, ValidateServiceClusterIPsRelatedFields; KEP-563.
 */
export function validateServiceAddresses(
  spec: Draft<ServiceSpec>,
  stored: Draft<ServiceSpec> | undefined,
  errors: FieldErrors,
): void {
  if (spec.type === 'ExternalName') return;
  const addresses = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  validateFamilies(spec, errors);
  if (spec.clusterIPs?.length && spec.clusterIP !== spec.clusterIPs[0]) {
    const text = 'first value must match `clusterIP`';
    if (spec.clusterIP) errors.push(invalidValue('spec.clusterIPs', spec.clusterIPs, text));
    else {
      errors.push(
        invalidValue(
          'spec.clusterIPs',
          spec.clusterIPs,
          'must be empty when `clusterIP` is not specified',
        ),
      );
    }
  }
  const check = unlessStored(ipAddress, stored?.clusterIPs);
  if (!validateAddresses(addresses, check, errors) || addresses[0] === 'None') return;
  addresses.forEach((address, index) => {
    const path = `spec.clusterIPs[${index}]`;
    expectFamily(address, { family: spec.ipFamilies?.[index], path }, errors);
  });
}

/** Whether all are well-formed; what else is wrong with others would mislead. */
function validateAddresses(
  addresses: readonly string[],
  check: FormatCheck,
  errors: FieldErrors,
): boolean {
  const field = 'spec.clusterIPs';
  const before = errors.length;
  addresses.forEach((address, index) => {
    if (index === 0 && address === 'None') {
      const text = "'None' must be the first and only value";
      if (addresses.length > 1) errors.push(invalidValue(field, addresses, text));
      return;
    }
    const wrong = check(address);
    if (wrong !== undefined) errors.push(invalidValue(`${field}[${index}]`, address, wrong));
  });
  const isWellFormed = errors.length === before;
  if (addresses.length > 2) {
    errors.push(invalidValue(field, addresses, 'may only hold up to 2 values'));
  }
  if (!isWellFormed) return false;
  const sixth = addresses.filter((address) => isIPv6(address)).length;
  if (addresses.length > 1 && (sixth === 0 || sixth === addresses.length)) {
    const text = 'may specify no more than one IP for each IP family';
    errors.push(invalidValue(field, addresses, text));
  }
  return true;
}

function validateFamilies(spec: Draft<ServiceSpec>, errors: FieldErrors): void {
  const families: readonly string[] = spec.ipFamilies ?? [];
  const supported = ['IPv4', 'IPv6'];
  const seen = new Set<string>();
  families.forEach((family, index) => {
    const path = `spec.ipFamilies[${index}]`;
    if (!supported.includes(family)) errors.push(unsupported(path, family, supported));
    if (seen.has(family)) errors.push(duplicate(path, family));
    seen.add(family);
  });
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  const place = { field: 'spec.ipFamilyPolicy', supported: policies };
  expectOptionalOneOf(spec.ipFamilyPolicy, place, errors);
}

function expectFamily(
  address: string,
  { family, path }: { readonly family: string | undefined; readonly path: string },
  errors: FieldErrors,
): void {
  if (family === undefined) return;
  const actual = isIPv6(address) ? 'IPv6' : 'IPv4';
  if (actual !== family) {
    errors.push(
      invalidValue(
        path,
        address,
        `expected an ${family} value as indicated by \`ipFamilies[${path.at(-2)}]\``,
      ),
    );
  }
}

/** The first address and family of a service stay, unless it comes from or goes to ExternalName. */
export function validateServiceAddressUpdate(
  spec: Draft<ServiceSpec>,
  old: Draft<ServiceSpec>,
  errors: FieldErrors,
): void {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return;
  const before = old.clusterIPs?.[0] ?? old.clusterIP;
  const after = spec.clusterIPs?.[0] ?? spec.clusterIP;
  if (before && before !== after) {
    const text = 'may not change once set';
    errors.push(invalidValue('spec.clusterIPs[0]', after ?? '', text));
  }
  const family = old.ipFamilies?.[0];
  if (family && spec.ipFamilies?.[0] !== family) {
    const text = 'may not change once set';
    errors.push(invalidValue('spec.ipFamilies[0]', spec.ipFamilies?.[0] ?? '', text));
  }
}
