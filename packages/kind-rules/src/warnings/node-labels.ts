/** Labels of nodes that have another name by now. Source: API reference, "Well-Known Labels". */
const deprecatedLabels: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  [
    'beta.kubernetes.io/instance-type',
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  ],
  [
    'failure-domain.beta.kubernetes.io/region',
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  ],
  [
    'failure-domain.beta.kubernetes.io/zone',
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ],
]);

/** What to use instead of a label of nodes; undefined when it is fine. */
export function nodeLabelDeprecation(label: string | undefined): string | undefined {
  return deprecatedLabels.get(label ?? '');
}

export function* nodeTermWarnings(
  term: { readonly matchExpressions?: readonly { readonly key: string }[] } | undefined,
  path: string,
): Iterable<string> {
  for (const [index, { key }] of (term?.matchExpressions ?? []).entries()) {
    const deprecation = nodeLabelDeprecation(key);
    if (deprecation !== undefined) {
      yield `${path}.matchExpressions[${index}].key: ${key} is ${deprecation}`;
    }
  }
}
