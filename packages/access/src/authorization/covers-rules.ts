import { coversPath, holds } from './policy-rule.ts';
import type { PolicyRule } from './rbac-policy.ts';

/**
 * The parts of `wanted` that `held` does not cover: what somebody would grant without having it.
 *
 * Shape: empty when everything is covered; otherwise one rule per verb on one resource or path.
 */
export function uncoveredRules(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  return wanted
    .flatMap((rule) => [...breakDown(rule)])
    .filter((part) => !held.some((each) => coversPart(each, part)));
}

/** How many parts `uncoveredRules` would look at: a short rule can name a great many. */
export function countParts(rules: readonly PolicyRule[]): number {
  const counts = rules.map(({ verbs, ...rule }) => {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
    const places = apiGroups.length * resources.length * Math.max(1, resourceNames.length);
    return verbs.length * (places + nonResourceURLs.length);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The same rights as one rule for each resource, or name of it; of paths one for each verb. */
export function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const paths: PolicyRule[] = [];
  const places: PolicyRule[] = [];
  for (const part of rules.flatMap((rule) => [...breakDown(rule)])) {
    (part.nonResourceURLs === undefined ? places : paths).push(part);
  }
  return [...paths, ...mergeVerbs(places)];
}

/** Rules as a refusal lists them: verbs on one resource together, sorted, one per line. */
export function describeRules(rules: readonly PolicyRule[]): string {
  return [...new Set(mergeVerbs(rules).map(describeRule))].sort().join('\n');
}

/** The smallest things that a rule allows: one verb on one resource, name or path. */
function* breakDown(rule: PolicyRule): Generator<PolicyRule> {
  for (const group of rule.apiGroups ?? []) {
    for (const resource of rule.resources ?? []) {
      for (const verb of rule.verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if ((rule.resourceNames ?? []).length === 0) yield part;
        for (const name of rule.resourceNames ?? []) yield { ...part, resourceNames: [name] };
      }
    }
  }
  for (const path of rule.nonResourceURLs ?? []) {
    for (const verb of rule.verbs) yield { nonResourceURLs: [path], verbs: [verb] };
  }
}

function coversPart(held: PolicyRule, part: PolicyRule): boolean {
  return (
    part.verbs.every((each) => holds(held.verbs, each)) &&
    (part.apiGroups ?? []).every((each) => holds(held.apiGroups, each)) &&
    (part.resources ?? []).every((each) => coversResource(held.resources ?? [], each)) &&
    (part.nonResourceURLs ?? []).every((each) => coversPath(held.nonResourceURLs, each)) &&
    coversNames(held.resourceNames ?? [], part.resourceNames ?? [])
  );
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (holds(held, resource)) return true;
  const slash = resource.indexOf('/');
  return slash !== -1 && held.includes(`*${resource.slice(slash)}`);
}

function coversNames(held: readonly string[], names: readonly string[]): boolean {
  return held.length === 0 || (names.length > 0 && names.every((each) => held.includes(each)));
}

function mergeVerbs(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...place } = rule;
    // Paths are listed verb by verb.
    const key = JSON.stringify(rule.nonResourceURLs === undefined ? place : rule);
    const earlier = merged.get(key);
    merged.set(key, { ...rule, verbs: [...new Set([...(earlier?.verbs ?? []), ...verbs])] });
  }
  return [...merged.values()];
}

function describeRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const;
  const texts = parts.flatMap(([label, list]) =>
    list === undefined || list.length === 0 ? [] : [`${label}:${quoteList(list)}`],
  );
  return `{${texts.join(', ')}}`;
}

/** `["a" "b"]`: the way a refusal of a Kubernetes API writes a list. */
export function quoteList(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(' ')}]`;
}
