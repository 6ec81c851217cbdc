import {
  checkDnsSubdomain,
  type Draft,
  duplicate,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type { PodSpec, PodTemplateSpec } from '@fairway/kinds/core/v1';

import { validatePodResources } from './compute-resources.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectLabels,
  expectOneOf,
  expectOptionalOneOf,
  expectQualifiedName,
  type FieldErrors,
} from '../field-checks.ts';
import { ipAddress, dnsSearchDomain, unlessStored } from '../string-formats.ts';
import { validateAllContainers, validateHostNetworkPorts } from './validate-containers.ts';
import { validateAnnotations } from '../metadata/validate-object-meta.ts';
import { validateAffinity, validateTolerations } from './validate-scheduling.ts';
import { validateOsFields } from './validate-os-fields.ts';
import { validateProfileAnnotations } from './validate-profile-annotations.ts';
import { validateSpreadConstraints } from './validate-spread-constraints.ts';
import { validateHostUsers, validatePodSecurity } from './validate-security-context.ts';
import { validateHostProcess } from './validate-windows-options.ts';
import { validateVolumes } from './validate-volumes.ts';

/** Where a pod spec stands: in a pod, which has a name, or in a template. */
interface PodSpecPlace {
  readonly field: string;
  readonly isPod: boolean;
  readonly podName?: string;
  /** What it takes the place of. */
  readonly stored?: Draft<PodSpec> | undefined;
}

/** Where a template stands. */
export interface TemplatePlace {
  readonly field: string;
  readonly stored?: Draft<PodTemplateSpec> | undefined;
}

/** What is wrong with the template of a workload. */
export function validatePodTemplate(
  template: Draft<PodTemplateSpec>,
  { field, stored }: TemplatePlace,
  errors: FieldErrors,
): void {
  expectLabels(template.metadata?.labels, `${field}.labels`, errors);
  validateAnnotations(template.metadata?.annotations, `${field}.annotations`, errors);
  const spec = template.spec ?? {};
  const annotated = { spec, field: `${field}.annotations` };
  validateProfileAnnotations(template.metadata?.annotations ?? {}, annotated, errors);
  validatePodSpec(spec, { field: `${field}.spec`, isPod: false, stored: stored?.spec }, errors);
  if (spec.ephemeralContainers?.length) {
    const text = 'ephemeral containers not allowed in pod template';
    errors.push(forbiddenField(`${field}.spec.ephemeralContainers`, text));
  }
}

/** What is wrong with a pod spec. Source: core validation, ValidatePodSpec, in its order. */
export function validatePodSpec(
  spec: Draft<PodSpec>,
  place: PodSpecPlace,
  errors: FieldErrors,
): void {
  const { field } = place;
  if (spec.terminationGracePeriodSeconds === undefined) {
    errors.push(required(`${field}.terminationGracePeriodSeconds`));
  }
  const volumePlace = { field: `${field}.volumes`, podName: place.podName };
  const volumes = validateVolumes(spec.volumes ?? [], volumePlace, errors);
  validateResourceClaims(spec, `${field}.resourceClaims`, errors);
  validateAllContainers({ spec, volumes, field }, errors);
  validatePodResources(spec, `${field}.resources`, errors);
  validateHostNetworkPorts({ spec, field, isPod: place.isPod }, errors);
  const restartPolicies = ['Always', 'OnFailure', 'Never'];
  expectOneOf(
    spec.restartPolicy,
    { field: `${field}.restartPolicy`, supported: restartPolicies },
    errors,
  );
  const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  expectOneOf(spec.dnsPolicy, { field: `${field}.dnsPolicy`, supported: dnsPolicies }, errors);
  expectLabels(spec.nodeSelector, `${field}.nodeSelector`, errors);
  validatePodSecurity(spec, place, errors);
  validateAffinity(spec.affinity, `${field}.affinity`, errors);
  validateDnsConfig(spec, place, errors);
  validateGates(spec, field, errors);
  const spread = spec.topologySpreadConstraints;
  if (spread) validateSpreadConstraints(spread, `${field}.topologySpreadConstraints`, errors);
  validateHostProcess(spec, field, errors);
  validateHostUsers(spec, field, errors);
  validateNames(spec, place, errors);
  validateOsFields(spec, field, errors);
}

function validateNames(spec: Draft<PodSpec>, place: PodSpecPlace, errors: FieldErrors): void {
  const { field } = place;
  if (spec.serviceAccountName) {
    expectDnsSubdomain(spec.serviceAccountName, `${field}.serviceAccountName`, errors);
  }
  if (spec.nodeName) expectDnsSubdomain(spec.nodeName, `${field}.nodeName`, errors);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && deadline !== null && (deadline < 1 || deadline > 2147483647)) {
    const text = 'must be between 1 and 2147483647, inclusive';
    errors.push(invalidValue(`${field}.activeDeadlineSeconds`, deadline, text));
  }
  if (spec.hostname) expectDnsLabel(spec.hostname, `${field}.hostname`, errors);
  if (spec.subdomain) expectDnsLabel(spec.subdomain, `${field}.subdomain`, errors);
  if (spec.tolerations) validateTolerations(spec.tolerations, `${field}.tolerations`, errors);
  validateHostAliases(spec, place, errors);
  if (spec.priorityClassName) {
    expectDnsSubdomain(spec.priorityClassName, `${field}.priorityClassName`, errors);
  }
  if (spec.runtimeClassName !== undefined) {
    expectDnsSubdomain(spec.runtimeClassName, `${field}.runtimeClassName`, errors);
  }
  expectOptionalOneOf(
    spec.preemptionPolicy,
    { field: `${field}.preemptionPolicy`, supported: ['PreemptLowerPriority', 'Never'] },
    errors,
  );
  if (!spec.os) return;
  if (!spec.os.name) errors.push(required(`${field}.os.name`, 'cannot be empty'));
  else if (spec.os.name !== 'linux' && spec.os.name !== 'windows') {
    errors.push(unsupported(`${field}.os`, spec.os.name, ['linux', 'windows']));
  }
}

function validateHostAliases(
  spec: Draft<PodSpec>,
  { field, stored }: PodSpecPlace,
  errors: FieldErrors,
): void {
  const check = unlessStored(
    ipAddress,
    stored?.hostAliases?.map(({ ip }) => ip),
  );
  spec.hostAliases?.forEach((alias, index) => {
    const path = `${field}.hostAliases[${index}]`;
    const wrong = check(alias.ip ?? '');
    if (wrong !== undefined) errors.push(invalidValue(`${path}.ip`, alias.ip ?? '', wrong));
    alias.hostnames?.forEach((hostname, hostIndex) => {
      expectDnsSubdomain(hostname, `${path}.hostnames[${hostIndex}]`, errors);
    });
  });
}

function validateGates(spec: Draft<PodSpec>, field: string, errors: FieldErrors): void {
  spec.readinessGates?.forEach((gate, index) => {
    const path = `${field}.readinessGates[${index}].conditionType`;
    expectQualifiedName(gate.conditionType ?? '', path, errors);
  });
  const seen = new Set<string>();
  spec.schedulingGates?.forEach((gate, index) => {
    const path = `${field}.schedulingGates[${index}]`;
    const name = gate.name ?? '';
    expectQualifiedName(name, path, errors);
    if (seen.has(name)) errors.push(duplicate(path, name));
    seen.add(name);
  });
}

function validateResourceClaims(spec: Draft<PodSpec>, field: string, errors: FieldErrors): void {
  const names = new Set<string>();
  spec.resourceClaims?.forEach((claim, index) => {
    const path = `${field}[${index}]`;
    if (!claim.name) errors.push(required(`${path}.name`));
    else if (names.has(claim.name)) errors.push(duplicate(`${path}.name`, claim.name));
    else {
      expectDnsLabel(claim.name, `${path}.name`, errors);
      names.add(claim.name);
    }
    const given = [claim.resourceClaimName, claim.resourceClaimTemplateName].filter(
      (name) => name !== undefined,
    );
    if (given.length === 2) {
      const text =
        'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(invalidValue(path, claim, text));
    }
    if (given.length === 0) {
      const text = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(invalidValue(path, claim, text));
    }
    for (const name of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[name];
      const wrong = value === undefined ? undefined : checkDnsSubdomain(value);
      if (wrong !== undefined) errors.push(invalidValue(`${path}.${name}`, value, wrong));
    }
  });
}

const nameserversMax = 3;
const searchesMax = 32;
const searchCharactersMax = 2048;

function validateDnsConfig(spec: Draft<PodSpec>, place: PodSpecPlace, errors: FieldErrors): void {
  const field = `${place.field}.dnsConfig`;
  const check = unlessStored(ipAddress, place.stored?.dnsConfig?.nameservers);
  const config = spec.dnsConfig;
  if (spec.dnsPolicy === 'None') {
    if (!config) {
      errors.push(required(field, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (!config.nameservers?.length) {
      const text = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      errors.push(required(`${field}.nameservers`, text));
      return;
    }
  }
  if (!config) return;
  const nameservers = config.nameservers ?? [];
  if (nameservers.length > nameserversMax) {
    const text = `must not have more than ${nameserversMax} nameservers`;
    errors.push(invalidValue(`${field}.nameservers`, nameservers, text));
  }
  nameservers.forEach((server, index) => {
    const wrong = check(server);
    if (wrong !== undefined) {
      errors.push(invalidValue(`${field}.nameservers[${index}]`, server, wrong));
    }
  });
  validateSearches(config.searches ?? [], `${field}.searches`, errors);
  config.options?.forEach((option, index) => {
    if (!option.name) errors.push(required(`${field}.options[${index}]`, 'must not be empty'));
  });
}

function validateSearches(searches: readonly string[], field: string, errors: FieldErrors): void {
  if (searches.length > searchesMax) {
    const text = `must not have more than ${searchesMax} search paths`;
    errors.push(invalidValue(field, searches, text));
  }
  if (searches.join(' ').length > searchCharactersMax) {
    const text = `must not have more than ${searchCharactersMax} characters (including spaces) in the search list`;
    errors.push(invalidValue(field, searches, text));
  }
  searches.forEach((search, index) => {
    if (search === '.') return;
    const domain = search.endsWith('.') ? search.slice(0, -1) : search;
    const wrong = dnsSearchDomain(domain);
    if (wrong !== undefined) errors.push(invalidValue(`${field}[${index}]`, domain, wrong));
  });
}
