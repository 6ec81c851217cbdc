import { annotationsOf, forbiddenField, invalidValue, type ObjectDraft } from '@fairway/protocol';
import type { Service } from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';
import { cidr, unlessStored } from '../string-formats.ts';

type ServiceDraft = ObjectDraft<Service>;

const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/**
 * Who may come in through a load balancer, in the field or in the annotation of old.
 * Source: core validation, ValidateService and validateSourceRanges.
 */
export function validateSourceRanges(
  service: ServiceDraft,
  stored: ServiceDraft | undefined,
  errors: FieldErrors,
): void {
  const ranges = service.spec?.loadBalancerSourceRanges ?? [];
  const annotation = annotationsOf(service)[sourceRangesAnnotation];
  const isList = ranges.length > 0;
  if (!isList && annotation === undefined) return;
  const field = isList
    ? 'spec.LoadBalancerSourceRanges'
    : `metadata.annotations[${sourceRangesAnnotation}]`;
  if (service.spec?.type !== 'LoadBalancer') {
    errors.push(forbiddenField(field, "may only be used when `type` is 'LoadBalancer'"));
  }
  const values = isList ? ranges : (annotation ?? '').split(',');
  const isSame = annotation === annotationsOf(stored ?? {})[sourceRangesAnnotation];
  if (!isList && stored && isSame) return;
  const check = unlessStored(cidr, stored?.spec?.loadBalancerSourceRanges);
  values.forEach((value, index) => {
    const trimmed = value.trim();
    const wrong = trimmed === '' && !isList ? undefined : check(trimmed);
    const path = isList ? `${field}[${index}]` : field;
    if (wrong !== undefined) errors.push(invalidValue(path, trimmed, wrong));
  });
}
