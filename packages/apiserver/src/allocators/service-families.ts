import type { Service } from '@fairway/kinds/core/v1';
import { type CompleteDraft, type FieldError, equalsJson, invalidValue } from '@fairway/protocol';

type ServiceSpec = NonNullable<CompleteDraft<Service>['spec']>;
type Family = 'IPv4' | 'IPv6';

const policyField = 'spec.ipFamilyPolicy';

/**
 * Fills in the policy and the IP families of a service in a cluster that has one family, and says
 * what it asks for that such a cluster has not. What is as it was stored stays.
 *
 * Without a selector a headless service may have both families all the same: others write its
 * endpoints.
 *
 * Source: v1 ServiceSpec; core service registry, initIPFamilyFields; KEP-563.
 */
export function settleFamilies(
  spec: ServiceSpec,
  { family, stored }: { readonly family: Family; readonly stored: Service['spec'] | undefined },
): readonly FieldError[] {
  if (stored !== undefined && isAsStored(spec, stored)) return [];
  const isHeadless = spec.clusterIP === 'None';
  const isFree = isHeadless && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= isFree ? 'RequireDualStack' : 'SingleStack';
  const errors = isHeadless ? [] : inferFamilies(spec, family);
  errors.unshift(...tooManyForOne(spec));
  if (errors.length > 0) return errors;
  if (isFree) {
    settleFreeFamilies(spec, family);
    return [];
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const text = 'this cluster is not configured for dual-stack services';
    errors.push(invalidValue(policyField, spec.ipFamilyPolicy, text));
  }
  spec.ipFamilies?.forEach((each, index) => {
    if (each === family) return;
    const text = 'not configured on this cluster';
    errors.push(invalidValue(`spec.ipFamilies[${index}]`, each, text));
  });
  if (!spec.ipFamilies?.length) spec.ipFamilies = [family];
  return errors;
}

function isAsStored(spec: ServiceSpec, stored: NonNullable<Service['spec']>): boolean {
  const names = ['ipFamilyPolicy', 'ipFamilies', 'clusterIPs'] as const;
  return (
    stored.type !== 'ExternalName' && names.every((name) => equalsJson(spec[name], stored[name]))
  );
}

function tooManyForOne(spec: ServiceSpec): readonly FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const errors: FieldError[] = [];
  for (const [name, words] of [
    ['clusterIPs', 'cluster IPs'],
    ['ipFamilies', 'IP families'],
  ] as const) {
    if (spec[name]?.length !== 2) continue;
    const text = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${words} are specified`;
    errors.push(invalidValue(policyField, spec.ipFamilyPolicy, text));
  }
  return errors;
}

/** Addresses that are asked for have families, which need not be said. */
function inferFamilies(spec: ServiceSpec, family: Family): FieldError[] {
  const errors: FieldError[] = [];
  const given = spec.ipFamilies?.length ?? 0;
  spec.clusterIPs?.forEach((address, index) => {
    if (index < given) return;
    const own: Family = address.includes(':') ? 'IPv6' : 'IPv4';
    if (own === family) spec.ipFamilies = [...(spec.ipFamilies ?? []), own];
    else {
      const text = `${own} is not configured on this cluster`;
      errors.push(invalidValue(`spec.clusterIPs[${index}]`, spec.clusterIPs, text));
    }
  });
  return errors;
}

function settleFreeFamilies(spec: ServiceSpec, family: Family): void {
  const [first = family] = spec.ipFamilies ?? [];
  const isBoth = spec.ipFamilyPolicy !== 'SingleStack' && (spec.ipFamilies?.length ?? 0) < 2;
  const other: Family = first === 'IPv4' ? 'IPv6' : 'IPv4';
  if (isBoth) spec.ipFamilies = [first as Family, other];
  else spec.ipFamilies ??= [family];
}
