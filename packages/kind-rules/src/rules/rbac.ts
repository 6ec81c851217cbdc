import {
  checkDnsSubdomain,
  checkPathSegment,
  type Draft,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
  unsupported,
  equalsJson,
} from '@fairway/protocol';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '@fairway/kinds/rbac/v1';

import type { KindRules } from '../kind-rules.ts';
import { FieldErrors } from '../field-checks.ts';
import { validateLabelSelector } from './label-selectors.ts';

const group = 'rbac.authorization.k8s.io';

/** Source: rbac.authorization.k8s.io/v1 Role; rbac validation, ValidateRole. */
export const roleRules: KindRules<ObjectDraft<Role>> = {
  checkName: checkPathSegment,
  validate: (role) => {
    const errors = new FieldErrors();
    validateRules(role.rules ?? [], { isNamespaced: true }, errors);
    return errors;
  },
};

export const clusterRoleRules: KindRules<ObjectDraft<ClusterRole>> = {
  checkName: checkPathSegment,
  validate: (role) => {
    const errors = new FieldErrors();
    validateRules(role.rules ?? [], { isNamespaced: false }, errors);
    if (!role.aggregationRule) return errors;
    const field = 'aggregationRule.clusterRoleSelectors';
    const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
    if (selectors.length === 0) {
      const text = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
      errors.push(required(field, text));
    }
    selectors.forEach((selector, index) => {
      validateLabelSelector(selector, `${field}[${index}]`, errors);
    });
    return errors;
  },
};

function validateRules(
  rules: readonly Draft<PolicyRule>[],
  { isNamespaced }: { readonly isNamespaced: boolean },
  errors: FieldErrors,
): void {
  rules.forEach((rule, index) => {
    const path = `rules[${index}]`;
    if (!rule.verbs?.length) {
      errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
    }
    const urls = rule.nonResourceURLs ?? [];
    if (urls.length > 0) {
      if (isNamespaced) {
        const text = 'namespaced rules cannot apply to non-resource URLs';
        errors.push(invalidValue(`${path}.nonResourceURLs`, urls, text));
      }
      if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
        const text = 'rules cannot apply to both regular resources and non-resource URLs';
        errors.push(invalidValue(`${path}.nonResourceURLs`, urls, text));
      }
      return;
    }
    if (!rule.apiGroups?.length) {
      const text = 'resource rules must supply at least one api group';
      errors.push(required(`${path}.apiGroups`, text));
    }
    if (!rule.resources?.length) {
      errors.push(
        required(`${path}.resources`, 'resource rules must supply at least one resource'),
      );
    }
  });
}

/**
 * `roleRef` cannot change: a right to edit who is bound is not a right to choose the role.
 * Source: rbac.authorization.k8s.io/v1 RoleBinding; rbac validation, ValidateRoleBinding.
 */
export const roleBindingRules: KindRules<ObjectDraft<RoleBinding>> = {
  checkName: checkPathSegment,
  applyDefaults: applyBindingDefaults,
  validate: (binding) => validateBinding(binding, { isNamespaced: true }),
  validateUpdate: validateBindingUpdate,
};

export const clusterRoleBindingRules: KindRules<ObjectDraft<ClusterRoleBinding>> = {
  checkName: checkPathSegment,
  applyDefaults: applyBindingDefaults,
  validate: (binding) => validateBinding(binding, { isNamespaced: false }),
  validateUpdate: validateBindingUpdate,
};

interface BindingDraft {
  roleRef?: Draft<RoleRef>;
  subjects?: Draft<Subject>[];
}

function applyBindingDefaults(binding: BindingDraft): void {
  binding.roleRef ??= {};
  if (!binding.roleRef.apiGroup) binding.roleRef.apiGroup = group;
  for (const subject of binding.subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) {
      subject.apiGroup = group;
    }
  }
}

function validateBinding(
  binding: BindingDraft,
  { isNamespaced }: { readonly isNamespaced: boolean },
): readonly FieldError[] {
  const errors = new FieldErrors();
  const { apiGroup, kind, name } = binding.roleRef ?? {};
  if (apiGroup !== group) errors.push(unsupported('roleRef.apiGroup', apiGroup ?? '', [group]));
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(kind ?? '')) errors.push(unsupported('roleRef.kind', kind ?? '', kinds));
  if (!name) errors.push(required('roleRef.name'));
  else {
    const wrong = checkPathSegment(name);
    if (wrong !== undefined) errors.push(invalidValue('roleRef.name', name, wrong));
  }
  binding.subjects?.forEach((subject, index) => {
    validateSubject(subject, { field: `subjects[${index}]`, isNamespaced }, errors);
  });
  return errors;
}

function validateSubject(
  subject: Draft<Subject>,
  { field, isNamespaced }: { readonly field: string; readonly isNamespaced: boolean },
  errors: FieldErrors,
): void {
  if (!subject.name) errors.push(required(`${field}.name`));
  if (subject.kind === 'ServiceAccount') {
    const wrong = subject.name ? checkDnsSubdomain(subject.name) : undefined;
    if (wrong !== undefined) errors.push(invalidValue(`${field}.name`, subject.name, wrong));
    if (subject.apiGroup) errors.push(unsupported(`${field}.apiGroup`, subject.apiGroup, ['']));
    if (!isNamespaced && !subject.namespace) errors.push(required(`${field}.namespace`));
  } else if (subject.kind === 'User' || subject.kind === 'Group') {
    if (subject.apiGroup !== group) {
      errors.push(unsupported(`${field}.apiGroup`, subject.apiGroup ?? '', [group]));
    }
  } else {
    const kinds = ['ServiceAccount', 'User', 'Group'];
    errors.push(unsupported(`${field}.kind`, subject.kind ?? '', kinds));
  }
}

function validateBindingUpdate(binding: BindingDraft, stored: BindingDraft): readonly FieldError[] {
  if (equalsJson(binding.roleRef, stored.roleRef)) return [];
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  // Shown as the Go type spells it.
  const shown = { APIGroup: apiGroup, Kind: kind, Name: name };
  return [invalidValue('roleRef', shown, 'cannot change roleRef')];
}
