import {
  type GroupVersion,
  type KubernetesObject,
  type ResourceDescriptor,
  checkPathSegment,
  saidObject,
  saidObjects,
  saidText,
  saidTexts,
} from '@fairway/protocol';

/** A resource that a server says it has. */
export interface DiscoveredResource extends ResourceDescriptor<DynamicObject> {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** `status`, `scale`, … */
  readonly subresources: readonly string[];
}

/** An object of a kind that is known at run time only. */
export interface DynamicObject extends KubernetesObject {
  readonly [field: string]: unknown;
}

/** True for the answer that holds the resources of all groups. */
export function isAggregated(document: unknown): boolean {
  return saidObject(document)['kind'] === 'APIGroupDiscoveryList';
}

/**
 * The resources of an APIGroupDiscoveryList. What has no usable name is left out, and so is a version that is
 * stale: who answers it does not say any more what it has.
 */
export function* readAggregated(document: unknown): Generator<DiscoveredResource> {
  for (const { metadata, versions } of saidObjects(saidObject(document)['items'])) {
    const group = saidText(saidObject(metadata)['name']);
    for (const { version: named, resources, freshness } of saidObjects(versions)) {
      const version = saidText(named);
      if (freshness === 'Stale') continue;
      for (const each of saidObjects(resources)) {
        const plural = saidText(each['resource']);
        const kind = saidText(saidObject(each['responseKind'])['kind']);
        if (!isServable({ group, version }, plural)) continue;
        yield {
          group,
          version,
          kind,
          plural,
          isNamespaced: each['scope'] === 'Namespaced',
          singular: saidText(each['singularResource']),
          shortNames: saidTexts(each['shortNames']),
          categories: saidTexts(each['categories']),
          verbs: saidTexts(each['verbs']),
          subresources: saidObjects(each['subresources']).map(({ subresource }) =>
            saidText(subresource),
          ),
        };
      }
    }
  }
}

/** The versions of an APIGroupDiscoveryList of which is not known any more what they have. */
export function staleVersions(document: unknown): readonly GroupVersion[] {
  return saidObjects(saidObject(document)['items']).flatMap(({ metadata, versions }) =>
    saidObjects(versions)
      .filter(({ freshness }) => freshness === 'Stale')
      .map(({ version }) => ({
        group: saidText(saidObject(metadata)['name']),
        version: saidText(version),
      })),
  );
}

/** The versions that `/api` or `/apis` names, preferred ones first. */
export function versionsOf(document: unknown): readonly GroupVersion[] {
  const { versions, groups } = saidObject(document);
  const core = saidTexts(versions).map((version) => ({ group: '', version }));
  const named = saidObjects(groups).flatMap((each) => {
    const group = saidText(each['name']);
    const preferred = saidText(saidObject(each['preferredVersion'])['version']);
    const others = saidObjects(each['versions']).map(({ version }) => saidText(version));
    const ordered = new Set(preferred === '' ? others : [preferred, ...others]);
    return group === '' ? [] : [...ordered].map((version) => ({ group, version }));
  });
  return [...core, ...named].filter((each) => isServable(each, 'any'));
}

/** The resources of an APIResourceList. */
export function readVersion(
  document: unknown,
  { group, version }: GroupVersion,
): readonly DiscoveredResource[] {
  const all = saidObjects(saidObject(document)['resources']).map((each) => ({
    each,
    plural: saidText(each['name']),
  }));
  return all
    .filter(({ plural }) => isServable({ group, version }, plural))
    .map(({ each, plural }) => ({
      group,
      version,
      kind: saidText(each['kind']),
      plural,
      isNamespaced: each['namespaced'] === true,
      singular: saidText(each['singularName']),
      shortNames: saidTexts(each['shortNames']),
      categories: saidTexts(each['categories']),
      verbs: saidTexts(each['verbs']),
      subresources: all
        .filter((other) => other.plural.startsWith(`${plural}/`))
        .map((other) => other.plural.slice(plural.length + 1)),
    }));
}

// False for names that a path cannot hold: no call could be made with them.
function isServable({ group, version }: GroupVersion, plural: string): boolean {
  if (version === '' || plural === '') return false;
  return [group, version, plural].every((each) => checkPathSegment(each) === undefined);
}
