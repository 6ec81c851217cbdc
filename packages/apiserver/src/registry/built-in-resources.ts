import {
  type DiscoveredGroup,
  type DiscoveredResource,
  builtInDiscovery,
} from '@fairway/kinds/discovery';
import type { BuiltInSchemas } from '@fairway/kinds/schema';
import { type GroupVersion, type Schema, apiVersionOf } from '@fairway/protocol';
import {
  allKindRules,
  allKindStrategies,
  allTableColumns,
  type KindRules,
  nameAndAge,
} from '@fairway/kind-rules';
import { sharedStorage } from './shared-storage.ts';
import type { ScalePaths, ServedResource, ServedSubresource, StoredAs } from './served-resource.ts';
import { resourcePrefix } from '../storage/storage-key.ts';

/**
 * Every built-in resource in every version, in the order of discovery. `ownRules`, by `group/plural`,
 * take the place of the rules that a kind has everywhere.
 */
export function builtInResources(
  schemas: BuiltInSchemas,
  ownRules: ReadonlyMap<string, KindRules> = new Map(),
  eventsTimeToLiveMs?: number,
): readonly ServedResource[] {
  const shared = sharedStorage(eventsTimeToLiveMs);
  const rules = new Map([...allKindRules, ...ownRules]);
  return builtInDiscovery().flatMap(({ group, versions }: DiscoveredGroup) =>
    versions.flatMap(({ version, resources }) =>
      resources.map((resource) =>
        builtInResource({ group, version }, resource, { schemas, rules, shared }),
      ),
    ),
  );
}

interface ResourceParts {
  readonly schemas: BuiltInSchemas;
  readonly rules: ReadonlyMap<string, KindRules>;
  readonly shared: ReadonlyMap<string, StoredAs>;
}

function builtInResource(
  { group, version }: GroupVersion,
  resource: DiscoveredResource,
  { schemas, rules, shared }: ResourceParts,
): ServedResource {
  const apiVersion = apiVersionOf({ group, version });
  const { kind, plural, isNamespaced, singular, shortNames, categories, verbs } = resource;
  const name = `${group}/${plural}`;
  const deprecationWarning = deprecationWarnings.get(`${apiVersion}/${plural}`);
  return {
    group,
    version,
    kind,
    plural,
    isNamespaced,
    singular,
    listKind: `${kind}List`,
    shortNames,
    categories,
    verbs,
    ...(resource.storageVersionHash === undefined
      ? {}
      : { storageVersionHash: resource.storageVersionHash }),
    subresources: new Map(resource.subresources.map((each) => [each.name, subresource(each)])),
    storage: shared.get(`${apiVersion}/${plural}`) ?? {
      prefix: resourcePrefix({ group, plural }),
      apiVersion,
    },
    // Linked when somebody asks: a server is asked about few kinds, and all of them are a megabyte.
    get schema() {
      return schemas.lookup(apiVersion, kind) ?? noSchema;
    },
    unknownFields: 'dropped',
    rules: known(rules, name),
    strategy: known(allKindStrategies, name),
    columns: allTableColumns.get(`${apiVersion}/${plural}`) ?? nameAndAge,
    isBuiltIn: true,
    ...(deprecationWarning === undefined ? {} : { deprecationWarning }),
  };
}

const noSchema: Schema = {};

const deprecationWarnings: ReadonlyMap<string, string> = new Map([
  ['v1/componentstatuses', 'v1 ComponentStatus is deprecated in v1.19+'],
  ['v1/endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
]);

function known<T>(all: ReadonlyMap<string, T>, name: string): T {
  const found = all.get(name);
  if (found === undefined) throw new Error(`nothing says how ${name} is written`);
  return found;
}

function subresource({
  name,
  verbs,
  responseKind,
}: DiscoveredResource['subresources'][number]): ServedSubresource {
  return { name, verbs, ...responseKind, ...(name === 'scale' ? { scale: workloadScale } : {}) };
}

/** All built-in workloads that scale keep their numbers in the same places. */
const workloadScale: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  labelSelector: ['spec', 'selector'],
};
