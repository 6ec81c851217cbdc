/** What somebody else has sent, of which nothing is known. */
export type Unknown = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): Unknown {
  return typeof value === 'object' && value !== null ? (value as Unknown) : {};
}

export function listOf(value: unknown): readonly Unknown[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function nameOf({ metadata }: Unknown): unknown {
  return objectOf(metadata)['name'];
}

/** A resource of aggregated discovery, with what belongs there and nothing else; none without a name. */
export function readResource(told: Unknown): readonly object[] {
  const resource = textOf(told['resource']);
  if (resource === '') return [];
  const subresources = listOf(told['subresources']).map((each) => ({
    subresource: textOf(each['subresource']),
    responseKind: readKind(objectOf(each['responseKind'])),
    verbs: textsOf(each['verbs']),
  }));
  const shortNames = textsOf(told['shortNames']);
  const categories = textsOf(told['categories']);
  return [
    {
      resource,
      responseKind: readKind(objectOf(told['responseKind'])),
      scope: told['scope'] === 'Namespaced' ? 'Namespaced' : 'Cluster',
      singularResource: textOf(told['singularResource']),
      verbs: textsOf(told['verbs']),
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
      ...(subresources.length > 0 && { subresources }),
    },
  ];
}

/** The resources of an APIResourceList as aggregated discovery tells them: subresources with their resource. */
export function asAggregated(resources: readonly Unknown[]): readonly object[] {
  const named = resources.map((each) => ({ each, steps: textOf(each['name']).split('/') }));
  return named
    .filter(({ steps }) => steps.length === 1)
    .flatMap(({ each, steps: [resource] }) =>
      readResource({
        ...each,
        resource,
        responseKind: each,
        scope: each['namespaced'] === true ? 'Namespaced' : 'Cluster',
        singularResource: each['singularName'],
        subresources: named
          .filter(({ steps }) => steps.length > 1 && steps[0] === resource)
          .map(({ each: { verbs, ...kind }, steps }) => ({
            subresource: steps.slice(1).join('/'),
            responseKind: kind,
            verbs,
          })),
      }),
    );
}

function readKind({ group, version, kind }: Unknown): object {
  return { group: textOf(group), version: textOf(version), kind: textOf(kind) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
