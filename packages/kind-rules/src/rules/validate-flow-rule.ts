import {
  checkDnsLabel,
  type Draft,
  forbiddenField,
  invalidValue,
  required,
  unsupported,
} from '@fairway/protocol';
import type {
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '@fairway/kinds/flowcontrol/v1';

import { expectDnsLabel, expectDnsSubdomain, type FieldErrors } from '../field-checks.ts';

/**
 * What is wrong with who and what a rule of a flow schema is about.
 * Source: flowcontrol validation, ValidateFlowSchemaPolicyRulesWithSubjects; KEP-1040.
 */
export function validateFlowRule(
  rule: Draft<PolicyRulesWithSubjects>,
  field: string,
  errors: FieldErrors,
): void {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  if (subjects.length === 0) {
    errors.push(required(`${field}.subjects`, 'subjects must contain at least one value'));
  }
  subjects.forEach((each, index) => validateSubject(each, `${field}.subjects[${index}]`, errors));
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    const text = 'at least one of resourceRules and nonResourceRules has to be non-empty';
    errors.push(required(field, text));
  }
  resourceRules.forEach((each, index) => {
    validateResourceRule(each, `${field}.resourceRules[${index}]`, errors);
  });
  nonResourceRules.forEach((each, index) => {
    validateUrlRule(each, `${field}.nonResourceRules[${index}]`, errors);
  });
}

/** The field that goes with each kind of subject. */
const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

function validateSubject(subject: Draft<Subject>, field: string, errors: FieldErrors): void {
  const { kind = '' } = subject;
  if (!Object.hasOwn(subjectFields, kind)) {
    errors.push(unsupported(`${field}.kind`, kind, ['Group', 'ServiceAccount', 'User']));
    return;
  }
  const own = subjectFields[kind as keyof typeof subjectFields];
  const path = `${field}.${own}`;
  const chosen: { readonly name?: string; readonly namespace?: string } | undefined = subject[own];
  if (!chosen) errors.push(required(path, `${own} is required when subject kind is '${kind}'`));
  else if (!chosen.name) errors.push(required(`${path}.name`));
  if (chosen && own === 'serviceAccount') {
    const { name, namespace } = chosen;
    if (name && name !== '*') expectDnsSubdomain(name, `${path}.name`, errors);
    if (namespace) expectDnsLabel(namespace, `${path}.namespace`, errors);
    else errors.push(required(`${path}.namespace`, 'must specify namespace for service account'));
  }
  for (const [otherKind, other] of Object.entries(subjectFields)) {
    if (other === own || !subject[other]) continue;
    const text = `${other} is forbidden when subject kind is not '${otherKind}'`;
    errors.push(forbiddenField(`${field}.${other}`, text));
  }
}

const verbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
];

function validateVerbs(given: readonly string[], field: string, errors: FieldErrors): void {
  const path = `${field}.verbs`;
  if (given.length === 0) errors.push(required(path, 'verbs must contain at least one value'));
  else if (given.includes('*')) expectAlone(given, { field: path, what: 'verbs' }, errors);
  else if (given.some((verb) => !verbs.includes(verb)))
    errors.push(unsupported(path, given, verbs));
}

/** A star stands for all. */
function expectAlone(
  given: readonly string[],
  { field, what }: { readonly field: string; readonly what: string },
  errors: FieldErrors,
): void {
  if (given.length < 2 || !given.includes('*')) return;
  errors.push(invalidValue(field, given, `if '*' is present, must not specify other ${what}`));
}

function validateResourceRule(
  rule: Draft<ResourcePolicyRule>,
  field: string,
  errors: FieldErrors,
): void {
  validateVerbs(rule.verbs ?? [], field, errors);
  for (const [name, one, what] of [
    ['apiGroups', 'api group', 'api groups'],
    ['resources', 'resource', 'resources'],
  ] as const) {
    const given = rule[name] ?? [];
    const path = `${field}.${name}`;
    if (given.length > 0) expectAlone(given, { field: path, what }, errors);
    else errors.push(required(path, `resource rules must supply at least one ${one}`));
  }
  const namespaces = rule.namespaces ?? [];
  const path = `${field}.namespaces`;
  if (namespaces.length === 0 && !rule.clusterScope) {
    const text = 'resource rules that are not cluster scoped must supply at least one namespace';
    errors.push(required(path, text));
  } else if (namespaces.includes('*')) {
    expectAlone(namespaces, { field: path, what: 'namespaces' }, errors);
  } else {
    namespaces.forEach((namespace, index) => {
      const wrong = checkDnsLabel(namespace);
      if (wrong === undefined) return;
      const text = `each member of this list must be '*' or a DNS-1123 label; ${wrong}`;
      errors.push(invalidValue(`${path}[${index}]`, namespace, text));
    });
  }
}

function validateUrlRule(
  rule: Draft<NonResourcePolicyRule>,
  field: string,
  errors: FieldErrors,
): void {
  validateVerbs(rule.verbs ?? [], field, errors);
  const urls = rule.nonResourceURLs ?? [];
  const path = `${field}.nonResourceURLs`;
  if (urls.length === 0) {
    errors.push(required(path, 'nonResourceURLs must contain at least one value'));
  } else if (urls.includes('*')) {
    expectAlone(urls, { field: path, what: 'non-resource URLs' }, errors);
  } else {
    urls.forEach((url, index) => {
      const wrong = urlProblem(url);
      if (wrong !== undefined) errors.push(invalidValue(`${path}[${index}]`, url, wrong));
    });
  }
}

/** A path from the root, or all below one. */
function urlProblem(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const stars = path.split('*').length - 1;
  const isSuffix = stars === 1 && path.endsWith('/*');
  return stars > 0 && !isSuffix ? 'wildcard can only do suffix matching' : undefined;
}
