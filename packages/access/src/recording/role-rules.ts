import { compactRules, uncoveredRules } from '../authorization/covers-rules.ts';
import type { PolicyRule } from '../authorization/rbac-policy.ts';
import type { ScopedRule } from './recorded-rights.ts';

/**
 * The rules of the roles that grant what is wanted and nothing else: those of the cluster under the empty name,
 * and of each namespace what those do not grant already. No rule can be left out, and none is there twice.
 */
export function roleRules(
  wanted: Iterable<ScopedRule>,
): ReadonlyMap<string, readonly PolicyRule[]> {
  const byNamespace = new Map<string, PolicyRule[]>([['', []]]);
  for (const { namespace, rule } of wanted) {
    const rules = byNamespace.get(namespace) ?? [];
    byNamespace.set(namespace, rules);
    rules.push(rule);
  }
  const ofCluster = withoutCovered([], byNamespace.get('') ?? []);
  const joined = new Map<string, readonly PolicyRule[]>();
  for (const [namespace, rules] of [...byNamespace].sort(([one], [other]) => order(one, other))) {
    const needed = namespace === '' ? ofCluster : withoutCovered(ofCluster, rules);
    if (needed.length > 0) joined.set(namespace, joinRules(needed));
  }
  return joined;
}

/** One rule for each verb on each resource, name or path, without those that others or `held` cover. */
function withoutCovered(
  held: readonly PolicyRule[],
  rules: readonly PolicyRule[],
): readonly PolicyRule[] {
  const parts = new Map(compactRules(rules).flatMap(eachVerb));
  const heldParts = new Map(held.flatMap(eachVerb));
  // Most rules have no star, and are covered by an equal one or by one without names.
  const wild = [...heldParts, ...parts].filter(([key]) => key.includes('*'));
  const isCovered = ([key, part]: Part): boolean => {
    if (heldParts.has(key)) return true;
    const { resourceNames, ...place } = part;
    const everyName = JSON.stringify(place);
    if (resourceNames !== undefined && (parts.has(everyName) || heldParts.has(everyName))) {
      return true;
    }
    const others = wild.filter(([other]) => other !== key).map(([, rule]) => rule);
    return others.length > 0 && uncoveredRules(others, [part]).length === 0;
  };
  return [...parts].filter((part) => !isCovered(part)).map(([, rule]) => rule);
}

/** A rule with one verb, on one resource, name or path, by its text. */
type Part = readonly [key: string, rule: PolicyRule];

function eachVerb({ verbs, ...rest }: PolicyRule): readonly Part[] {
  const { resourceNames, ...place } = rest;
  const names = resourceNames === undefined ? {} : { resourceNames };
  return verbs.map((verb) => {
    const part = { ...place, verbs: [verb], ...names };
    return [JSON.stringify(part), part];
  });
}

/** As few rules as say the same: names, resources and paths together where the verbs are the same. */
function joinRules(parts: readonly PolicyRule[]): readonly PolicyRule[] {
  const verbs = joinBy(parts, 'verbs');
  const names = joinBy(verbs, 'resourceNames');
  const paths = joinBy(names, 'nonResourceURLs');
  const resources = [
    ...joinBy(
      paths.filter((each) => each.resourceNames === undefined),
      'resources',
    ),
    ...paths.filter((each) => each.resourceNames !== undefined),
  ];
  return resources.sort((one, other) => order(sortKey(one), sortKey(other)));
}

type ListName = 'verbs' | 'resourceNames' | 'nonResourceURLs' | 'resources';

/** Those that differ in one list only become one with all of it. */
function joinBy(rules: readonly PolicyRule[], list: ListName): readonly PolicyRule[] {
  const joined = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { [list]: values, ...rest } = rule;
    const key = JSON.stringify([values === undefined, rest]);
    const earlier = joined.get(key)?.[list] ?? [];
    joined.set(
      key,
      values === undefined
        ? rule
        : { ...rule, [list]: [...new Set([...earlier, ...values])].sort(order) },
    );
  }
  return [...joined.values()];
}

function sortKey(rule: PolicyRule): string {
  const { apiGroups = ['~'], resources, resourceNames, nonResourceURLs, verbs } = rule;
  return JSON.stringify([apiGroups, resources, nonResourceURLs, resourceNames ?? '', verbs]);
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
