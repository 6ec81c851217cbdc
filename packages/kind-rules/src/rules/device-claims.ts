import {
  checkDnsSubdomain,
  type Draft,
  duplicate,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type {
  DeviceClaim,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
} from '@fairway/kinds/resource/v1';

import type { KindRules } from '../kind-rules.ts';
import {
  expectDnsLabel,
  expectDnsSubdomain,
  expectImmutable,
  expectOptionalOneOf,
  FieldErrors,
} from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';

type ClaimDraft = ObjectDraft<ResourceClaim>;
type TemplateDraft = ObjectDraft<ResourceClaimTemplate>;
type SliceDraft = ObjectDraft<ResourceSlice>;

/**
 * Most rules of this group are missing (docs/gaps.md).
 * Source: resource.k8s.io/v1 ResourceClaim; KEP-4381.
 */
export const resourceClaimRules: KindRules<ClaimDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (claim) => applyDeviceDefaults(claim.spec?.devices),
  ...statusRules<ClaimDraft>(() => ({})),
  validate: (claim) => {
    const errors = new FieldErrors();
    validateDevices(claim.spec?.devices, 'spec.devices', errors);
    return errors;
  },
  validateUpdate: (claim, stored) => {
    const errors = new FieldErrors();
    expectImmutable({ value: claim.spec, stored: stored.spec, field: 'spec' }, errors);
    return errors;
  },
};

export const resourceClaimTemplateRules: KindRules<TemplateDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (template) => applyDeviceDefaults(template.spec?.spec?.devices),
  validate: (template) => {
    const errors = new FieldErrors();
    validateDevices(template.spec?.spec?.devices, 'spec.spec.devices', errors);
    return errors;
  },
  validateUpdate: (template, stored) => {
    const errors = new FieldErrors();
    expectImmutable({ value: template.spec, stored: stored.spec, field: 'spec' }, errors);
    return errors;
  },
};

export const resourceSliceRules: KindRules<SliceDraft> = {
  checkName: checkDnsSubdomain,
  validate: (slice) => {
    const errors = new FieldErrors();
    const spec = slice.spec ?? {};
    if (!spec.driver) errors.push(required('spec.driver'));
    else expectDnsSubdomain(spec.driver, 'spec.driver', errors);
    if (!spec.pool?.name) errors.push(required('spec.pool.name'));
    const names = new Set<string>();
    spec.devices?.forEach((device, index) => {
      const path = `spec.devices[${index}].name`;
      const name = device.name ?? '';
      if (name === '') errors.push(required(path));
      else expectDnsLabel(name, path, errors);
      if (names.has(name)) errors.push(duplicate(path, name));
      names.add(name);
    });
    return errors;
  },
  validateUpdate: (slice, stored) => {
    const errors = new FieldErrors();
    for (const name of ['driver', 'nodeName'] as const) {
      const value = { value: slice.spec?.[name], stored: stored.spec?.[name] };
      expectImmutable({ ...value, field: `spec.${name}` }, errors);
    }
    return errors;
  },
  fieldLabels: {
    'spec.nodeName': (slice) => slice.spec?.nodeName ?? '',
    'spec.driver': (slice) => slice.spec?.driver ?? '',
  },
};

function applyDeviceDefaults(devices: Draft<DeviceClaim> | undefined): void {
  for (const request of devices?.requests ?? []) {
    for (const part of [request.exactly, ...(request.firstAvailable ?? [])]) {
      if (!part) continue;
      if (!part.allocationMode) part.allocationMode = 'ExactCount';
      if (part.allocationMode === 'ExactCount' && !part.count) part.count = 1;
      for (const toleration of part.tolerations ?? []) {
        if (!toleration.operator) toleration.operator = 'Equal';
      }
    }
  }
}

function validateDevices(
  devices: Draft<DeviceClaim> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  const names = new Set<string>();
  devices?.requests?.forEach((request, index) => {
    const path = `${field}.requests[${index}]`;
    const name = request.name ?? '';
    if (name === '') errors.push(required(`${path}.name`));
    else expectDnsLabel(name, `${path}.name`, errors);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    if (!request.exactly && !request.firstAvailable?.length) {
      const text = 'exactly one of `exactly` or `firstAvailable` is required';
      errors.push(required(path, text));
    }
    if (!request.exactly) return;
    if (!request.exactly.deviceClassName) errors.push(required(`${path}.exactly.deviceClassName`));
    const mode = { field: `${path}.exactly.allocationMode`, supported: ['All', 'ExactCount'] };
    expectOptionalOneOf(request.exactly.allocationMode, mode, errors);
  });
}
