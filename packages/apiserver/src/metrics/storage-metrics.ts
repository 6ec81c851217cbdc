import type { Clock } from '@fairway/host';
import { type Store, prefixRange } from '@fairway/store';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import { type GroupResource, resourceOfKey } from '../storage/storage-key.ts';
import type { Counter, Family, Histogram, Metrics } from '@fairway/serving/metrics';

/** Source: kube-apiserver 1.36. */
const durationBounds = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45,
  60,
];

type Operation = 'get' | 'list' | 'create' | 'update' | 'delete';

interface OperationSeries {
  readonly total: Counter;
  readonly duration: Histogram;
  readonly errors: () => Counter;
}

/**
 * The same store; what it is asked is counted under the names that dashboards know for etcd, by what lies
 * where.
 */
export function measureStore(
  store: Store,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): Store {
  const labels = ['operation', 'group', 'resource'];
  const all = new Map<string, OperationSeries>();
  const families = {
    totals: metrics.counter({
      name: 'etcd_requests_total',
      help: 'What the store was asked.',
      labels,
    }),
    errors: metrics.counter({
      name: 'etcd_request_errors_total',
      help: 'What the store was asked and could not answer.',
      labels,
    }),
    durations: metrics.histogram({
      name: 'etcd_request_duration_seconds',
      help: 'Time that the store took to answer.',
      labels,
      bounds: durationBounds,
    }),
  };
  const seriesOf = (operation: Operation, key: string): OperationSeries => {
    const resource = resourceOfKey(key);
    const name = `${operation} ${resource.group}/${resource.plural}`;
    const known = all.get(name);
    if (known !== undefined) return known;
    const made = makeSeries(families, operation, resource);
    all.set(name, made);
    return made;
  };
  const measured = async <T>(
    operation: Operation,
    key: string,
    run: () => Promise<T>,
  ): Promise<T> => {
    const { total, duration, errors } = seriesOf(operation, key);
    const startMs = clock.elapsed();
    try {
      return await run();
    } catch (error) {
      errors().add();
      throw error;
    } finally {
      total.add();
      duration.observe((clock.elapsed() - startMs) / 1000);
    }
  };
  return {
    get: (key, options) => measured('get', key, () => store.get(key, options)),
    list: (range, options) => measured('list', range.start, () => store.list(range, options)),
    create: (key, value, options) =>
      measured('create', key, () => store.create(key, value, options)),
    update: (key, value, expected, options) =>
      measured('update', key, () => store.update(key, value, expected, options)),
    delete: (key, expected) => measured('delete', key, () => store.delete(key, expected)),
    watch: (range, after, signal) => store.watch(range, after, signal),
    currentRevision: () => store.currentRevision(),
    reached: (revision, signal) => store.reached(revision, signal),
    compact: (revision) => store.compact(revision),
    problem: () => store.problem(),
    close: () => store.close(),
  };
}

function makeSeries(
  families: {
    readonly totals: Family<Counter>;
    readonly errors: Family<Counter>;
    readonly durations: Family<Histogram>;
  },
  operation: Operation,
  { group, plural }: GroupResource,
): OperationSeries {
  const labels = [operation, group, plural];
  return {
    total: families.totals.of(...labels),
    duration: families.durations.of(...labels),
    errors: () => families.errors.of(...labels),
  };
}

/** Counts what is stored whenever somebody reads. */
export function countStoredObjects(
  metrics: Metrics,
  { store, registry }: { readonly store: Store; readonly registry: ResourceRegistry },
): void {
  const objects = metrics.gauge({
    name: 'apiserver_resource_objects',
    help: 'Objects that are stored, by what they are.',
    labels: ['group', 'resource'],
  });
  const byName = metrics.gauge({
    name: 'apiserver_storage_objects',
    help: 'Objects that are stored, by what they are, in one label.',
    labels: ['resource'],
  });
  metrics.beforeReading(async () => {
    objects.clear();
    byName.clear();
    const places = new Map(registry.all.map((each) => [each.storage.prefix, each]));
    for (const [prefix, { group, plural }] of places) {
      const { count } = await store.list(prefixRange(prefix), { limit: 1 });
      objects.of(group, plural).set(count);
      byName.of(group === '' ? plural : `${plural}.${group}`).set(count);
    }
  });
}
