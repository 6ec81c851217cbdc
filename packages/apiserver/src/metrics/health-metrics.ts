import type { HealthCheck, healthNames } from '@fairway/serving';
import { type Counter, type Family, type Gauge, Metrics } from '@fairway/serving/metrics';

type HealthName = (typeof healthNames)[number];

/** Of each health check what came of it last, and how often what: what `/metrics/slis` tells. */
export class HealthMetrics {
  readonly metrics: Metrics = new Metrics();
  readonly #state: Family<Gauge>;
  readonly #total: Family<Counter>;

  /** `checksOf` tells the checks there are now; they are asked whenever somebody reads. */
  constructor(checksOf: (name: HealthName) => readonly HealthCheck[]) {
    this.#state = this.metrics.gauge({
      name: 'kubernetes_healthcheck',
      help: 'What came of a health check last: 1 where all is well.',
      labels: ['name', 'type'],
    });
    this.#total = this.metrics.counter({
      name: 'kubernetes_healthchecks_total',
      help: 'Health checks that were made, by what came of them.',
      labels: ['name', 'type', 'status'],
    });
    const { signal } = new AbortController();
    this.metrics.beforeReading(async () => {
      const all = ['livez', 'readyz'] as const;
      const checks = all.flatMap((type) => this.counted(type, checksOf(type)));
      await Promise.all(checks.map((each) => each.check(signal).catch(() => undefined)));
    });
  }

  /** The same checks; what comes of them is counted. */
  counted(type: HealthName, checks: readonly HealthCheck[]): readonly HealthCheck[] {
    return checks.map((each) => ({ ...each, check: (signal) => this.#ask(type, each, signal) }));
  }

  async #ask(
    type: HealthName,
    { name, check }: HealthCheck,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    let isWell = false;
    try {
      const problem = await check(signal);
      isWell = problem === undefined;
      return problem;
    } finally {
      this.#state.of(name, type).set(isWell ? 1 : 0);
      this.#total.of(name, type, isWell ? 'success' : 'error').add();
    }
  }
}
