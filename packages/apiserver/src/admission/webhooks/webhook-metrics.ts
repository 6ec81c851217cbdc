import type { Clock } from '@fairway/host';
import { ApiError } from '@fairway/protocol';
import type { Counter, Family, Histogram, Metrics } from '@fairway/serving/metrics';
import type { AdmissionOperation } from '../admission-plugin.ts';
import { CallFailure } from './call-failure.ts';
import type { Hook } from './hooks.ts';

/** Source: kube-apiserver 1.36. */
const durationBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];

/** How a webhook is asked, in the words of the metrics. */
export type WebhookStep = 'admit' | 'validating';

/** Measures webhooks, by their names and by what they say. */
export class WebhookMetrics {
  readonly #clock: Clock;
  readonly #durations: Family<Histogram>;
  readonly #requests: Family<Counter>;
  readonly #rejections: Family<Counter>;
  readonly #failedOpen: Family<Counter>;

  constructor({ metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock }) {
    this.#clock = clock;
    this.#durations = metrics.histogram({
      name: 'apiserver_admission_webhook_admission_duration_seconds',
      help: 'Time until a webhook had answered, by the operation and whether the request was refused.',
      labels: ['name', 'operation', 'rejected', 'type'],
      bounds: durationBounds,
    });
    this.#requests = metrics.counter({
      name: 'apiserver_admission_webhook_request_total',
      help: 'Questions to webhooks, by the code that came of them.',
      labels: ['code', 'name', 'operation', 'rejected', 'type'],
    });
    this.#rejections = metrics.counter({
      name: 'apiserver_admission_webhook_rejection_count',
      help: 'Requests that were refused by a webhook, or because it could not be asked.',
      labels: ['error_type', 'name', 'operation', 'rejection_code', 'type'],
    });
    this.#failedOpen = metrics.counter({
      name: 'apiserver_admission_webhook_fail_open_count',
      help: 'Requests that went on although a webhook could not be asked.',
      labels: ['name', 'type'],
    });
  }

  /** Runs what asks a webhook. `isIgnored` tells of which failures do not refuse the request. */
  async measure<T>(
    { webhook: { name } }: Hook,
    about: {
      readonly operation: AdmissionOperation;
      readonly type: WebhookStep;
      readonly isIgnored: (failure: unknown) => boolean;
    },
    ask: () => Promise<T>,
  ): Promise<T> {
    const { operation, type, isIgnored } = about;
    const startMs = this.#clock.elapsed();
    const took = (rejected: boolean, code: number): void => {
      const seconds = (this.#clock.elapsed() - startMs) / 1000;
      const isRejected = String(rejected);
      this.#durations.of(name, operation, isRejected, type).observe(seconds);
      this.#requests.of(String(code), name, operation, isRejected, type).add();
    };
    try {
      const outcome = await ask();
      took(false, 200);
      return outcome;
    } catch (failure) {
      const isOpen = isIgnored(failure);
      if (isOpen) this.#failedOpen.of(name, type).add();
      const code = failure instanceof ApiError ? failure.code : 500;
      took(!isOpen, code);
      if (!isOpen) {
        const why = errorType(failure);
        const said = why === 'no_error' ? String(code) : '0';
        this.#rejections.of(why, name, operation, said, type).add();
      }
      throw failure;
    }
  }
}

function errorType(failure: unknown): string {
  if (failure instanceof CallFailure) return 'calling_webhook_error';
  return failure instanceof ApiError ? 'no_error' : 'apiserver_internal_error';
}
