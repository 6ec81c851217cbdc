import {
  checkLabelValue,
  type Draft,
  forbiddenField,
  invalidValue,
  required,
} from '@fairway/protocol';

import { expectLabels, expectQualifiedName, type FieldErrors } from '../field-checks.ts';
import type { LabelSelector } from '@fairway/kinds/meta/v1';

/** A selector with nothing in it, which selects everything. Source: meta/v1 LabelSelector. */
export function isEmptySelector(selector: Draft<LabelSelector> | undefined): boolean {
  if (!selector) return true;
  return (
    Object.keys(selector.matchLabels ?? {}).length === 0 &&
    (selector.matchExpressions ?? []).length === 0
  );
}

/** Whether a set of labels is selected. An absent selector selects nothing, an empty one all. */
export function selectorMatches(
  selector: Draft<LabelSelector> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!selector) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labels[key] !== value) return false;
  }
  return (selector.matchExpressions ?? []).every((requirement) => {
    const value = labels[requirement.key ?? ''];
    switch (requirement.operator) {
      case 'In':
        return value !== undefined && (requirement.values ?? []).includes(value);
      case 'NotIn':
        return value === undefined || !(requirement.values ?? []).includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** What is wrong with a label selector. Source: apimachinery, ValidateLabelSelector. */
export function validateLabelSelector(
  selector: Draft<LabelSelector> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!selector) return;
  expectLabels(selector.matchLabels, `${field}.matchLabels`, errors);
  selector.matchExpressions?.forEach((requirement, index) => {
    const path = `${field}.matchExpressions[${index}]`;
    const values = requirement.values ?? [];
    switch (requirement.operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) {
          errors.push(
            required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
          );
        }
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) {
          errors.push(
            forbiddenField(
              `${path}.values`,
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
          );
        }
        break;
      default:
        errors.push(
          invalidValue(
            `${path}.operator`,
            requirement.operator ?? '',
            'not a valid selector operator',
          ),
        );
    }
    expectQualifiedName(requirement.key ?? '', `${path}.key`, errors);
    values.forEach((value, valueIndex) => {
      const wrong = checkLabelValue(value);
      if (wrong !== undefined) {
        errors.push(invalidValue(`${path}.values[${valueIndex}]`, value, wrong));
      }
    });
  });
}
