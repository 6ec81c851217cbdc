import {
  checkQualifiedName,
  type Draft,
  forbiddenField,
  invalidValue,
  missing,
  required,
  unsupported,
} from '@fairway/protocol';
import type { PodSpec, ResourceRequirements } from '@fairway/kinds/core/v1';

import {
  canonicalAmount,
  compareAmounts,
  isNegativeAmount,
  isWholeAmount,
  isWholeMultiple,
} from './amounts.ts';
import { expectDnsLabel, type FieldErrors, negativeText } from '../field-checks.ts';
import { isExtendedResource, isNativeResource } from '../pods/resource-names.ts';

/** Quantities by resource name. */
export type Amounts = Readonly<Record<string, string | undefined>>;

/** The claims of a pod that its containers may ask for. */
export interface PodClaims {
  readonly names: ReadonlySet<string>;
  /** All of them, for a message. */
  readonly listed: string;
}

export function claimsOf(spec: Draft<PodSpec>): PodClaims {
  const names = (spec.resourceClaims ?? []).flatMap((claim) => (claim.name ? [claim.name] : []));
  const listed = names.length === 0 ? ' which is empty' : `: ${names.toSorted().join(', ')}`;
  return { names: new Set(names), listed };
}

/**
 * What is wrong with the requests and limits of a container. What may not be overcommitted (huge
 * pages, devices) needs a limit that equals the request.
 * Source: core validation, ValidateResourceRequirements.
 */
export function validateContainerResources(
  resources: Draft<ResourceRequirements> | undefined,
  { field, claims }: { readonly field: string; readonly claims: PodClaims },
  errors: FieldErrors,
): void {
  if (!resources) return;
  validateRequirements(resources, { field, checkName: expectContainerResourceName }, errors);
  validateClaims(resources.claims ?? [], { field: `${field}.claims`, known: claims }, errors);
}

/** What is wrong with the requests and limits of a pod as a whole. */
export function validatePodResources(
  spec: Draft<PodSpec>,
  field: string,
  errors: FieldErrors,
): void {
  const resources = spec.resources;
  if (!resources) return;
  if (resources.claims) {
    errors.push(
      forbiddenField(`${field}.claims`, 'claims cannot be set for Resources at pod-level'),
    );
  }
  validateRequirements(resources, { field, checkName: expectPodResourceName }, errors);
}

function validateRequirements(
  resources: Draft<ResourceRequirements>,
  { field, checkName }: { readonly field: string; readonly checkName: ResourceNameCheck },
  errors: FieldErrors,
): void {
  const limits: Amounts = resources.limits ?? {};
  const requests: Amounts = resources.requests ?? {};
  for (const [name, limit] of Object.entries(limits)) {
    validateAmount(
      { name, amount: limit ?? '0', field: `${field}.limits[${name}]` },
      checkName,
      errors,
    );
  }
  for (const [name, request] of Object.entries(requests)) {
    const path = `${field}.requests[${name}]`;
    validateAmount({ name, amount: request ?? '0', field: path }, checkName, errors);
    expectWithinLimit({ name, request: request ?? '0', limit: limits[name], field }, errors);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(field, 'HugePages require cpu or memory'));
  }
}

type ResourceNameCheck = (name: string, field: string, errors: FieldErrors) => void;

interface NamedAmount {
  readonly name: string;
  readonly amount: string;
  readonly field: string;
}

function validateAmount(
  entry: NamedAmount,
  checkName: ResourceNameCheck,
  errors: FieldErrors,
): void {
  checkName(entry.name, entry.field, errors);
  validateResourceAmount(entry, errors);
  if (isHugePages(entry.name) && !isWholeMultiple(entry.amount, entry.name.slice(10))) {
    errors.push(
      invalidValue(
        entry.field,
        entry.amount,
        `${entry.amount} is not positive integer multiple of ${entry.name}`,
      ),
    );
  }
}

/** Not negative, and whole where halves make no sense. */
export function validateResourceAmount(entry: NamedAmount, errors: FieldErrors): void {
  if (isNegativeAmount(entry.amount)) {
    errors.push(invalidValue(entry.field, canonicalAmount(entry.amount), negativeText));
  }
  if (isCountedResource(entry.name) && !isWholeAmount(entry.amount)) {
    errors.push(invalidValue(entry.field, canonicalAmount(entry.amount), 'must be an integer'));
  }
}

function expectWithinLimit(
  entry: {
    readonly name: string;
    readonly request: string;
    readonly limit: string | undefined;
    readonly field: string;
  },
  errors: FieldErrors,
): void {
  const { name, request, limit, field } = entry;
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) {
      errors.push(
        required(`${field}.limits`, 'Limit must be set for non overcommitable resources'),
      );
    }
    return;
  }
  const order = compareAmounts(request, limit);
  if (order === 0 || (order < 0 && isOvercommitAllowed(name))) return;
  const value = canonicalAmount(request);
  const most = canonicalAmount(limit);
  if (!isOvercommitAllowed(name)) {
    errors.push(
      invalidValue(`${field}.requests`, value, `must be equal to ${name} limit of ${most}`),
    );
  } else {
    errors.push(
      invalidValue(
        `${field}.requests`,
        value,
        `must be less than or equal to ${name} limit of ${most}`,
      ),
    );
  }
}

function validateClaims(
  claims: readonly { readonly name?: string; readonly request?: string }[],
  { field, known }: { readonly field: string; readonly known: PodClaims },
  errors: FieldErrors,
): void {
  const seen = new Set<string>();
  claims.forEach((claim, index) => {
    const path = `${field}[${index}]`;
    if (!claim.name) {
      errors.push(required(path));
      return;
    }
    if (claim.request) expectDnsLabel(claim.request, `${path}.request`, errors);
    const key = claim.request ? `${claim.name}/${claim.request}` : claim.name;
    if (seen.has(claim.name) || seen.has(key)) {
      errors.push({ reason: 'FieldValueDuplicate', field: path, value: key, detail: '' });
    }
    seen.add(key);
    if (!known.names.has(claim.name)) {
      errors.push({
        ...missing(path, claim.name),
        detail: `must be one of the names in pod.spec.resourceClaims${known.listed}`,
      });
    }
  });
}

const containerResources = ['cpu', 'memory', 'ephemeral-storage'];
const countedResources = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const standardResources = new Set([
  ...containerResources,
  ...countedResources,
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]);
/** Names that a quota may limit without a domain, beside object counts. */
const quotaResources = new Set([...standardResources].filter((name) => name !== 'storage'));

/** A name for any compute resource. Source: core validation, validateResourceName. */
export function expectResourceName(name: string, field: string, errors: FieldErrors): boolean {
  const wrong = checkQualifiedName(name);
  if (wrong !== undefined) {
    errors.push(invalidValue(field, name, wrong));
    return false;
  }
  if (name.includes('/') || standardResources.has(name) || isQuotaPrefix(name)) return true;
  if (isHugePages(name)) return true;
  errors.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'));
  return false;
}

/** A resource that a container may ask for. */
export function expectContainerResourceName(
  name: string,
  field: string,
  errors: FieldErrors,
): void {
  expectResourceName(name, field, errors);
  if (!name.includes('/')) {
    if (!containerResources.includes(name) && !isHugePages(name)) {
      errors.push(invalidValue(field, name, 'must be a standard resource for containers'));
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalidValue(field, name, "doesn't follow extended resource name standard"));
  }
}

/** Whether a quota knows a resource by a name of Kubernetes' own. */
export function isStandardQuotaResource(name: string): boolean {
  return quotaResources.has(name) || isQuotaPrefix(name) || isHugePages(name);
}

/** A resource that a quota may limit. */
export function expectQuotaResourceName(name: string, field: string, errors: FieldErrors): void {
  const before = errors.length;
  expectResourceName(name, field, errors);
  if (name.includes('/') || quotaResources.has(name) || isQuotaPrefix(name)) return;
  if (isHugePages(name) || errors.length > before + 1) return;
  errors.push(invalidValue(field, name, 'must be a standard resource for quota'));
}

function expectPodResourceName(name: string, field: string, errors: FieldErrors): void {
  if (!expectResourceName(name, field, errors)) return;
  if (name !== 'cpu' && name !== 'memory' && !isHugePages(name)) {
    errors.push(unsupported(field, name, ['cpu', 'hugepages-', 'memory']));
  }
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

function isQuotaPrefix(name: string): boolean {
  return name.startsWith('requests.hugepages-') || name.startsWith('limits.hugepages-');
}

/** Whether requests may stay below limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePages(name);
}

function isCountedResource(name: string): boolean {
  return countedResources.has(name) || isExtendedResource(name);
}
