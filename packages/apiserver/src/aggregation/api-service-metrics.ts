import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { Counter, Family, Metrics } from '@fairway/serving/metrics';
import { type ApiServices, nameOf } from '../registry/api-services.ts';
import { conditionOf, isAvailable } from './availability-writer.ts';

/** Which APIServices are not available, and how often each has become so: names of a kube-aggregator. */
export class ApiServiceMetrics {
  readonly #becameUnavailable: Family<Counter>;

  constructor(metrics: Metrics, apiServices: Pick<ApiServices, 'all'>) {
    const unavailable = metrics.gauge({
      name: 'aggregator_unavailable_apiservice',
      help: 'Whether an APIService is not available: 1 where it is not.',
      labels: ['name'],
    });
    metrics.beforeReading(() => {
      unavailable.clear();
      for (const service of apiServices.all) {
        unavailable.of(nameOf(service)).set(isAvailable(service) ? 0 : 1);
      }
    });
    this.#becameUnavailable = metrics.counter({
      name: 'aggregator_unavailable_apiservice_total',
      help: 'How often an APIService that was available was not any more, by the reason.',
      labels: ['name', 'reason'],
    });
  }

  changed(before: APIService | undefined, service: APIService): void {
    if (before === undefined || !isAvailable(before) || isAvailable(service)) return;
    const { reason = '' } = conditionOf(service) ?? {};
    this.#becameUnavailable.of(nameOf(service), reason).add();
  }
}
