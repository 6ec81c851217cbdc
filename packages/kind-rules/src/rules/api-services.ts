import { checkPathSegment, invalidValue, type ObjectDraft, required } from '@fairway/protocol';
import type { APIService, APIServiceCondition } from '@fairway/kinds/apiregistration/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectPortNumber, FieldErrors } from '../field-checks.ts';
import { statusRules } from './status-subresource.ts';

type ApiServiceDraft = ObjectDraft<APIService>;

/**
 * Known from the start, so that it takes no second write of a controller. Source: kube-aggregator, local
 * availability controller.
 */
function localCondition({ metadata }: ApiServiceDraft): APIServiceCondition {
  const { creationTimestamp } = metadata ?? {};
  return {
    type: 'Available',
    status: 'True',
    ...(creationTimestamp === undefined ? {} : { lastTransitionTime: creationTimestamp }),
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
}

/**
 * An APIService must be named `VERSION.GROUP`. The message says "less than 20000", yet 20000 itself
 * is allowed, as in Kubernetes.
 * Source: apiregistration.k8s.io/v1 APIService; kube-aggregator, ValidateAPIService.
 */
export const apiServiceRules: KindRules<ApiServiceDraft> = {
  checkName: checkPathSegment,
  applyDefaults: (service) => {
    service.spec ??= {};
    if (service.spec.service) service.spec.service.port ??= 443;
  },
  ...statusRules<ApiServiceDraft>(() => ({})),
  prepareForCreate: (service) => {
    service.status = service.spec?.service ? {} : { conditions: [localCondition(service)] };
  },
  validate: (service) => {
    const errors = new FieldErrors();
    const spec = service.spec ?? {};
    const name = service.metadata?.name ?? '';
    const expected = `${spec.version ?? ''}.${spec.group ?? ''}`;
    if (name !== expected) {
      const text = '`metadata.name` must be `spec.version+"."+spec.group`';
      errors.push(invalidValue('metadata.name', name, text));
    }
    if (!spec.version) errors.push(required('spec.version'));
    const groupPriority = spec.groupPriorityMinimum ?? 0;
    if (groupPriority <= 0 || groupPriority > 20000) {
      const text = 'must be positive and less than 20000';
      errors.push(invalidValue('spec.groupPriorityMinimum', groupPriority, text));
    }
    const priority = spec.versionPriority ?? 0;
    if (priority <= 0 || priority > 1000) {
      const text = 'must be positive and less than 1000';
      errors.push(invalidValue('spec.versionPriority', priority, text));
    }
    if (!spec.service) {
      if (spec.caBundle) {
        const text = 'local APIServices may not have a caBundle';
        errors.push(invalidValue('spec.caBundle', `${spec.caBundle.length} bytes`, text));
      }
      return errors;
    }
    if (!spec.service.namespace) errors.push(required('spec.service.namespace'));
    if (!spec.service.name) errors.push(required('spec.service.name'));
    expectPortNumber(spec.service.port ?? 443, 'spec.service.port', errors);
    if (spec.insecureSkipTLSVerify && spec.caBundle) {
      const text = 'may not be true if caBundle is present';
      errors.push(invalidValue('spec.insecureSkipTLSVerify', true, text));
    }
    return errors;
  },
};
