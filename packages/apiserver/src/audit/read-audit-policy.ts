import { isJsonObject } from '@fairway/protocol';
import { loadYaml } from '../content/load-yaml.ts';
import { type AuditPolicy, auditLevels, auditStages } from './audit-policy.ts';

/**
 * Reads a policy, in YAML or JSON.
 *
 * Errors: `RangeError` with the field and what is wrong with it.
 * Source: audit.k8s.io/v1; apiserver, audit/validation.
 */
export function readAuditPolicy(text: string): AuditPolicy {
  const { parse } = loadYaml();
  // A field without a value is one that is not there.
  const value: unknown = parse(text, (_key, each: unknown) => each ?? undefined);
  const policy = fieldsOf('the policy', value, policyFields);
  const { apiVersion, kind } = policy;
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') {
    const said = `${show(kind)} of ${show(apiVersion)}`;
    throw new RangeError(`it is ${said}, and has to be kind Policy of apiVersion audit.k8s.io/v1`);
  }
  const { rules, omitStages, omitManagedFields } = policy;
  if (!Array.isArray(rules) || rules.length === 0) {
    throw new RangeError('rules: there is none; without one nothing would be told');
  }
  rules.forEach((rule, index) => checkRule(`rules[${index}]`, rule));
  checkStages('omitStages', omitStages);
  checkBoolean('omitManagedFields', omitManagedFields);
  return policy as unknown as AuditPolicy;
}

const policyFields = [
  'apiVersion',
  'kind',
  'metadata',
  'rules',
  'omitStages',
  'omitManagedFields',
] as const;

const ruleFields = [
  'level',
  'users',
  'userGroups',
  'verbs',
  'resources',
  'namespaces',
  'nonResourceURLs',
  'omitStages',
  'omitManagedFields',
] as const;

function checkRule(field: string, value: unknown): void {
  const rule = fieldsOf(field, value, ruleFields);
  const { level } = rule;
  if (level === undefined) throw new RangeError(`${field}.level: it is required`);
  requireOneOf(`${field}.level`, level, auditLevels);
  for (const name of ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'] as const) {
    checkTexts(`${field}.${name}`, rule[name]);
  }
  checkStages(`${field}.omitStages`, rule.omitStages);
  checkBoolean(`${field}.omitManagedFields`, rule.omitManagedFields);
  const { nonResourceURLs, resources, namespaces } = rule;
  if (isFilled(nonResourceURLs) && (isFilled(resources) || isFilled(namespaces))) {
    const why = 'a rule is for these or for resources and namespaces, not for both';
    throw new RangeError(`${field}.nonResourceURLs: ${why}`);
  }
  for (const [index, path] of ((nonResourceURLs ?? []) as readonly string[]).entries()) {
    checkPath(`${field}.nonResourceURLs[${index}]`, path);
  }
  if (resources === undefined) return;
  requireList(`${field}.resources`, resources).forEach((each, index) =>
    checkResources(`${field}.resources[${index}]`, each),
  );
}

function checkPath(field: string, path: string): void {
  if (path === '*') return;
  if (!path.startsWith('/')) throw new RangeError(`${field}: ${show(path)} does not begin with /`);
  const star = path.indexOf('*');
  if (star >= 0 && star < path.length - 1) {
    throw new RangeError(`${field}: ${show(path)} has a * that is not at its end`);
  }
}

const groupPattern = /^[a-z\d]([-a-z\d]*[a-z\d])?(\.[a-z\d]([-a-z\d]*[a-z\d])?)*$/;

function checkResources(field: string, value: unknown): void {
  const { group, resources, resourceNames } = fieldsOf(field, value, [
    'group',
    'resources',
    'resourceNames',
  ]);
  if (group !== undefined && group !== '' && !(isText(group) && groupPattern.test(group))) {
    throw new RangeError(`${field}.group: ${show(group)} is no name of a group`);
  }
  checkTexts(`${field}.resources`, resources);
  checkTexts(`${field}.resourceNames`, resourceNames);
  if (isFilled(resourceNames) && !isFilled(resources)) {
    throw new RangeError(`${field}.resourceNames: they need resources beside them`);
  }
}

function fieldsOf<Name extends string>(
  field: string,
  value: unknown,
  names: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  if (!isJsonObject(value)) throw new RangeError(`${field}: it is no object`);
  for (const name of Object.keys(value)) {
    if (names.includes(name as Name)) continue;
    throw new RangeError(`${field}: unknown field ${show(name)}; it has ${names.join(', ')}`);
  }
  return value as Readonly<Partial<Record<Name, unknown>>>;
}

function checkStages(field: string, value: unknown): void {
  if (value === undefined) return;
  requireList(field, value).forEach((stage, index) =>
    requireOneOf(`${field}[${index}]`, stage, auditStages),
  );
}

function checkTexts(field: string, value: unknown): void {
  if (value === undefined) return;
  const wrong = requireList(field, value).findIndex((each) => !isText(each));
  if (wrong >= 0) throw new RangeError(`${field}[${wrong}]: it is no text`);
}

function checkBoolean(field: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new RangeError(`${field}: ${show(value)} is neither true nor false`);
}

function requireOneOf(field: string, value: unknown, known: readonly string[]): void {
  if (isText(value) && known.includes(value)) return;
  throw new RangeError(`${field}: ${show(value)} is none of ${known.join(', ')}`);
}

function requireList(field: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new RangeError(`${field}: it is no list`);
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
