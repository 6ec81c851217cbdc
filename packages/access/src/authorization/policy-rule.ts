import type { RequestTarget } from '@fairway/protocol';
import type { PolicyRule } from './rbac-policy.ts';

/** Whether one rule of a role allows what a request is aimed at. */
export function ruleAllows(rule: PolicyRule, target: RequestTarget): boolean {
  if (!target.isResource) {
    return holds(rule.verbs, target.verb) && coversPath(rule.nonResourceURLs, target.path);
  }
  return (
    holds(rule.verbs, target.verb) &&
    holds(rule.apiGroups, target.group) &&
    holdsResource(rule.resources, target.plural, target.subresource) &&
    holdsName(rule.resourceNames, target.name)
  );
}

/** Whether a list names `value`, or everything by `*`. */
export function holds(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes('*'));
}

/** Whether a list names `path` exactly, by a prefix that ends in `*`, or by `*`. */
export function coversPath(patterns: readonly string[] | undefined, path: string): boolean {
  return patterns?.some((each) => each === path || hasPrefix(path, each)) ?? false;
}

function hasPrefix(path: string, pattern: string): boolean {
  let end = pattern.length;
  while (pattern[end - 1] === '*') end -= 1;
  return end < pattern.length && path.startsWith(pattern.slice(0, end));
}

function holdsResource(
  list: readonly string[] | undefined,
  plural: string,
  subresource: string,
): boolean {
  if (list === undefined) return false;
  if (subresource === '') return holds(list, plural);
  return holds(list, `${plural}/${subresource}`) || list.includes(`*/${subresource}`);
}

// An empty list of names means every name. On a create the name is not known yet, so a rule with
// names does not apply.
function holdsName(list: readonly string[] | undefined, name: string): boolean {
  return list === undefined || list.length === 0 || list.includes(name);
}
