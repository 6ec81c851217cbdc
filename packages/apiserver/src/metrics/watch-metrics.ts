import type { ServedResource } from '../registry/served-resource.ts';
import type { Counter, Family, Metrics } from '@fairway/serving/metrics';

/** Counts what watches are sent. */
export class WatchMetrics {
  readonly #events: Family<Counter>;
  readonly #known = new WeakMap<ServedResource, Counter>();

  constructor(metrics: Metrics) {
    this.#events = metrics.counter({
      name: 'apiserver_watch_events_total',
      help: 'Events that watches were sent, bookmarks left out.',
      labels: ['group', 'version', 'resource'],
    });
  }

  /** For the events of one resource. */
  eventsOf(resource: ServedResource): Counter {
    const known = this.#known.get(resource);
    if (known !== undefined) return known;
    const counter = this.#events.of(resource.group, resource.version, resource.plural);
    this.#known.set(resource, counter);
    return counter;
  }
}
