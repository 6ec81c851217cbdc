import { checkDnsSubdomain, type Draft, invalidValue, type ObjectDraft } from '@fairway/protocol';
import type {
  DeviceClaim,
  DeviceClass,
  ResourceClaim,
  ResourceClaimTemplate,
} from '@fairway/kinds/resource/v1';

import {
  validateNewWithExpressions,
  validateWithExpressions,
} from '../expressions/validate-with-expressions.ts';
import type { KindRules } from '../kind-rules.ts';
import { validateAnnotations } from '../metadata/validate-object-meta.ts';
import { expectImmutable, expectLabels, FieldErrors } from '../field-checks.ts';
import { isExtendedResource } from '../pods/resource-names.ts';
import { statusRules } from './status-subresource.ts';
import { validateDeviceClaimStatus } from './validate-device-claim-status.ts';
import { validateDeviceConfiguration } from './validate-device-configuration.ts';
import { validateBoundedList } from './validate-device-names.ts';
import { validateDeviceClaim, validateDeviceSelectors } from './validate-device-requests.ts';

type ClaimDraft = ObjectDraft<ResourceClaim>;
type TemplateDraft = ObjectDraft<ResourceClaimTemplate>;
type ClassDraft = ObjectDraft<DeviceClass>;

/**
 * What a claim asks for never changes, so it is looked at once.
 * Source: resource.k8s.io/v1 ResourceClaim; resource validation, ValidateResourceClaim; KEP-4381.
 */
export const resourceClaimRules: KindRules<ClaimDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (claim) => applyDeviceDefaults(claim.spec?.devices),
  ...statusRules<ClaimDraft>(() => ({})),
  validateInTurns: validateNewWithExpressions((claim) => {
    const errors = new FieldErrors();
    validateDeviceClaim(claim.spec?.devices, 'spec.devices', errors);
    return errors;
  }),
  validateUpdate: (claim, stored) => {
    const errors = new FieldErrors();
    expectImmutable({ value: claim.spec, stored: stored.spec, field: 'spec' }, errors);
    return errors;
  },
  validateSubresource: { status: validateDeviceClaimStatus },
};

/** Source: resource.k8s.io/v1 ResourceClaimTemplate; resource validation. */
export const resourceClaimTemplateRules: KindRules<TemplateDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (template) => applyDeviceDefaults(template.spec?.spec?.devices),
  validateInTurns: validateNewWithExpressions((template) => {
    const errors = new FieldErrors();
    const { metadata, spec } = template.spec ?? {};
    expectLabels(metadata?.labels, 'spec.metadata.labels', errors);
    validateAnnotations(metadata?.annotations, 'spec.metadata.annotations', errors);
    validateDeviceClaim(spec?.devices, 'spec.spec.devices', errors);
    return errors;
  }),
  validateUpdate: (template, stored) => {
    const errors = new FieldErrors();
    expectImmutable({ value: template.spec, stored: stored.spec, field: 'spec' }, errors);
    return errors;
  },
};

const configurationsMax = 32;

/** Source: resource.k8s.io/v1 DeviceClass; resource validation, ValidateDeviceClass; KEP-5004. */
export const deviceClassRules: KindRules<ClassDraft> = {
  checkName: checkDnsSubdomain,
  validateInTurns: validateWithExpressions((deviceClass) => {
    const errors = new FieldErrors();
    const { selectors = [], config = [], extendedResourceName } = deviceClass.spec ?? {};
    validateDeviceSelectors(selectors, 'spec.selectors', errors);
    validateBoundedList(
      config,
      {
        field: 'spec.config',
        countMax: configurationsMax,
        validate: (each, path) => validateDeviceConfiguration(each, path, errors),
      },
      errors,
    );
    if (extendedResourceName !== undefined && !isExtendedResource(extendedResourceName)) {
      const text = 'must be a valid extended resource name';
      errors.push(invalidValue('spec.extendedResourceName', extendedResourceName, text));
    }
    return errors;
  }),
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
