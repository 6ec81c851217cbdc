import {
  type GroupVersion,
  type KubernetesObject,
  type ResourceDescriptor,
  checkPathSegment,
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

/** A JSON object of a server that may have left out, or misunderstood, any of it. */
type Said = Readonly<Record<string, unknown>>;

/** True for the answer that holds the resources of all groups. */
export function isAggregated(document: unknown): boolean {
  return objectOf(document)['kind'] === 'APIGroupDiscoveryList';
}

/**
 * The resources of an APIGroupDiscoveryList. What has no usable name is left out, and so is a version that is
 * stale: who answers it does not say any more what it has.
 */
export function* readAggregated(document: unknown): Generator<DiscoveredResource> {
  for (const { metadata, versions } of objectsIn(objectOf(document)['items'])) {
    const group = textOf(objectOf(metadata)['name']);
    for (const { version: named, resources, freshness } of objectsIn(versions)) {
      const version = textOf(named);
      if (freshness === 'Stale') continue;
      for (const each of objectsIn(resources)) {
        const plural = textOf(each['resource']);
        const kind = textOf(objectOf(each['responseKind'])['kind']);
        if (!isServable({ group, version }, plural)) continue;
        yield {
          group,
          version,
          kind,
          plural,
          isNamespaced: each['scope'] === 'Namespaced',
          singular: textOf(each['singularResource']),
          shortNames: textsIn(each['shortNames']),
          categories: textsIn(each['categories']),
          verbs: textsIn(each['verbs']),
          subresources: objectsIn(each['subresources']).map(({ subresource }) =>
            textOf(subresource),
          ),
        };
      }
    }
  }
}

/** The versions of an APIGroupDiscoveryList of which is not known any more what they have. */
export function staleVersions(document: unknown): readonly GroupVersion[] {
  return objectsIn(objectOf(document)['items']).flatMap(({ metadata, versions }) =>
    objectsIn(versions)
      .filter(({ freshness }) => freshness === 'Stale')
      .map(({ version }) => ({
        group: textOf(objectOf(metadata)['name']),
        version: textOf(version),
      })),
  );
}

/** The versions that `/api` or `/apis` names, preferred ones first. */
export function versionsOf(document: unknown): readonly GroupVersion[] {
  const { versions, groups } = objectOf(document);
  const core = textsIn(versions).map((version) => ({ group: '', version }));
  const named = objectsIn(groups).flatMap((each) => {
    const group = textOf(each['name']);
    const preferred = textOf(objectOf(each['preferredVersion'])['version']);
    const others = objectsIn(each['versions']).map(({ version }) => textOf(version));
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
  const all = objectsIn(objectOf(document)['resources']).map((each) => ({
    each,
    plural: textOf(each['name']),
  }));
  return all
    .filter(({ plural }) => isServable({ group, version }, plural))
    .map(({ each, plural }) => ({
      group,
      version,
      kind: textOf(each['kind']),
      plural,
      isNamespaced: each['namespaced'] === true,
      singular: textOf(each['singularName']),
      shortNames: textsIn(each['shortNames']),
      categories: textsIn(each['categories']),
      verbs: textsIn(each['verbs']),
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

function objectOf(value: unknown): Said {
  return typeof value === 'object' && value !== null ? (value as Said) : {};
}

function objectsIn(value: unknown): readonly Said[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
