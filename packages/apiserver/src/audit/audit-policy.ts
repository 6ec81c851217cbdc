import type { RequestTarget, ResourceTarget, UserInfo } from '@fairway/protocol';

/** How much of a request is told, in ascending order. Source: audit.k8s.io/v1. */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

export const auditStages = [
  'RequestReceived',
  'ResponseStarted',
  'ResponseComplete',
  'Panic',
] as const;
export type AuditStage = (typeof auditStages)[number];

/** Source: audit.k8s.io/v1 Policy. */
export interface AuditPolicy {
  readonly rules: readonly AuditPolicyRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditPolicyRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly AuditedResources[];
  /** The empty one is for what has no namespace. */
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditedResources {
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** What is told of one request. */
export interface AuditChoice {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitsManagedFields: boolean;
}

/** Chooses by the first rule that matches; a request that none matches is not told of. */
export class AuditChoices {
  readonly #rules: readonly { readonly rule: AuditPolicyRule; readonly choice: AuditChoice }[];
  readonly #otherwise: AuditChoice;

  constructor({ rules, omitStages = [], omitManagedFields = false }: AuditPolicy) {
    this.#rules = rules.map((rule) => ({
      rule,
      choice: {
        level: rule.level,
        omitStages: new Set([...omitStages, ...(rule.omitStages ?? [])]),
        omitsManagedFields: rule.omitManagedFields ?? omitManagedFields,
      },
    }));
    this.#otherwise = {
      level: 'None',
      omitStages: new Set(omitStages),
      omitsManagedFields: omitManagedFields,
    };
  }

  choose(user: UserInfo | undefined, target: RequestTarget): AuditChoice {
    for (const { rule, choice } of this.#rules) if (matches(rule, user, target)) return choice;
    return this.#otherwise;
  }
}

function matches(
  rule: AuditPolicyRule,
  user: UserInfo | undefined,
  target: RequestTarget,
): boolean {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [] } = rule;
  if (users.length > 0 && !(user !== undefined && users.includes(user.username))) return false;
  if (userGroups.length > 0 && user?.groups.some((group) => userGroups.includes(group)) !== true) {
    return false;
  }
  if (verbs.length > 0 && !verbs.includes(target.verb)) return false;
  if (namespaces.length + resources.length > 0) {
    if (!target.isResource) return false;
    if (namespaces.length > 0 && !namespaces.includes(target.namespace)) return false;
    return resources.length === 0 || resources.some((each) => coversResource(each, target));
  }
  const { nonResourceURLs = [] } = rule;
  if (nonResourceURLs.length === 0) return true;
  return !target.isResource && nonResourceURLs.some((pattern) => coversPath(pattern, target.path));
}

function coversResource(
  { group = '', resources = [], resourceNames = [] }: AuditedResources,
  { group: askedGroup, plural, subresource, name }: ResourceTarget,
): boolean {
  if (group !== askedGroup) return false;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(name)) return false;
  const combined = subresource === '' ? plural : `${plural}/${subresource}`;
  return resources.some(
    (each) =>
      each === combined ||
      each === '*' ||
      each === `${plural}/*` ||
      (subresource !== '' && each === `*/${subresource}`),
  );
}

function coversPath(pattern: string, path: string): boolean {
  if (pattern === path || pattern === '*') return true;
  return pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1));
}
