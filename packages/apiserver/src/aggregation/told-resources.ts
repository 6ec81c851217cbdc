import { type Said, saidObject, saidObjects, saidText, saidTexts } from '@fairway/protocol';

export function nameOf({ metadata }: Said): unknown {
  return saidObject(metadata)['name'];
}

/** A resource of aggregated discovery, with what belongs there and nothing else; none without a name. */
export function readResource(told: Said): readonly object[] {
  const resource = saidText(told['resource']);
  if (resource === '') return [];
  const subresources = saidObjects(told['subresources']).map((each) => ({
    subresource: saidText(each['subresource']),
    responseKind: readKind(saidObject(each['responseKind'])),
    verbs: saidTexts(each['verbs']),
  }));
  const shortNames = saidTexts(told['shortNames']);
  const categories = saidTexts(told['categories']);
  return [
    {
      resource,
      responseKind: readKind(saidObject(told['responseKind'])),
      scope: told['scope'] === 'Namespaced' ? 'Namespaced' : 'Cluster',
      singularResource: saidText(told['singularResource']),
      verbs: saidTexts(told['verbs']),
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
      ...(subresources.length > 0 && { subresources }),
    },
  ];
}

/** The resources of an APIResourceList as aggregated discovery tells them: subresources with their resource. */
export function asAggregated(resources: readonly Said[]): readonly object[] {
  const named = resources.map((each) => ({ each, steps: saidText(each['name']).split('/') }));
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

function readKind({ group, version, kind }: Said): object {
  return { group: saidText(group), version: saidText(version), kind: saidText(kind) };
}
