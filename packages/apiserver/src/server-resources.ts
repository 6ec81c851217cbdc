import type { Clock } from '@fairway/host';
import type { KindRules } from '@fairway/kind-rules';
import { type BuiltInSchemas, builtInSchemas } from '@fairway/kinds/schema';
import type { Store } from '@fairway/store';
import type { ApiServerOptions } from './api-server-options.ts';
import { definitionRules } from './custom-resources/definition-rules.ts';
import { readableStore, storeWithoutUnreadable } from './encryption/readable-store.ts';
import type { MeasureParts } from './metrics/access-metrics.ts';
import { measureStore } from './metrics/storage-metrics.ts';
import { ClusterReader } from './reads/cluster-reader.ts';
import { StoredFacts } from './reads/stored-facts.ts';
import { AggregatedApis } from './registry/aggregated-api.ts';
import { ApiServices } from './registry/api-services.ts';
import { builtInResources } from './registry/built-in-resources.ts';
import { ResourceRegistry } from './registry/resource-registry.ts';

interface Stores {
  /** For who follows it. */
  readonly store: Store;
  /** For who answers callers. */
  readonly servedStore: Store;
}

/** What there is to serve, and how to look at what is stored of it. */
export interface ServerResources extends Stores {
  readonly schemas: BuiltInSchemas;
  readonly registry: ResourceRegistry;
  readonly apiServices: ApiServices;
  readonly aggregatedApis: AggregatedApis;
  readonly facts: StoredFacts;
  readonly cluster: ClusterReader;
}

/** Asks nothing of the store yet. What it is asked later is counted. */
export function readResources(
  options: ApiServerOptions,
  { timers, measuring }: { readonly timers: Clock; readonly measuring: MeasureParts },
): ServerResources {
  const stores = storesOf(measureStore(options.store, measuring), options);
  const schemas = builtInSchemas();
  const registry = new ResourceRegistry(
    builtInResources(schemas, ownRules, options.eventsTimeToLiveMs),
    options.isServed,
  );
  const facts = new StoredFacts(timers);
  return {
    ...stores,
    schemas,
    registry,
    apiServices: new ApiServices(),
    aggregatedApis: new AggregatedApis(options.aggregatedApis),
    facts,
    cluster: new ClusterReader({ store: stores.servedStore, registry, facts }),
  };
}

function storesOf(store: Store, { encryption }: ApiServerOptions): Stores {
  if (encryption === undefined || encryption.unreadableCount === 0) {
    return { store, servedStore: store };
  }
  return {
    store: storeWithoutUnreadable(store, encryption),
    servedStore: readableStore(store, encryption),
  };
}

/** The rules of definitions are extended with those that need this server. */
const ownRules: ReadonlyMap<string, KindRules> = new Map([
  ['apiextensions.k8s.io/customresourcedefinitions', definitionRules as unknown as KindRules],
]);
