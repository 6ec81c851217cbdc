import { type PolicyRule, compactRules } from '@fairway/access';
import { ColumnWidths } from '../output/column-widths.ts';
import { visibleText } from '../output/visible-text.ts';

/** The table of `can-i --list`: what somebody may do, one line for each resource or path. */
export function ruleTable(
  rules: readonly PolicyRule[],
  { hasHeaders }: { readonly hasHeaders: boolean },
): string {
  const lines = ruleRows(rules).map((row) => row.map(visibleText));
  return new ColumnWidths().align(hasHeaders ? [ruleColumns, ...lines] : lines);
}

export const ruleColumns = ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'] as const;

/** Rules in cells below `ruleColumns`, in kubectl's order: one row for each resource or path. */
export function ruleRows(rules: readonly PolicyRule[]): readonly (readonly string[])[] {
  const sorted = compactRules(rules)
    .map((rule) => ({ rule, key: ruleText(rule) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.map(({ rule }) => [
    resourceText(rule),
    list(rule.nonResourceURLs),
    list(rule.resourceNames),
    list(rule.verbs),
  ]);
}

/** A rule in Go's words: `{Verbs:[get] APIGroups:[] Resources:[pods] …}`. */
export function ruleText(rule: PolicyRule): string {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  return `{Verbs:${list(verbs)} APIGroups:${list(apiGroups)} Resources:${list(resources)} ResourceNames:${list(resourceNames)} NonResourceURLs:${list(nonResourceURLs)}}`;
}

function list(values: readonly string[] | undefined): string {
  return `[${(values ?? []).join(' ')}]`;
}

/** `deployments.apps/scale` */
function resourceText({ resources = [], apiGroups = [] }: PolicyRule): string {
  const [resource] = resources;
  if (resource === undefined) return '';
  const [group = ''] = apiGroups;
  const slash = resource.indexOf('/');
  const plural = slash < 0 ? resource : resource.slice(0, slash);
  const subresource = slash < 0 ? '' : resource.slice(slash);
  return `${plural}${group === '' ? '' : `.${group}`}${subresource}`;
}
