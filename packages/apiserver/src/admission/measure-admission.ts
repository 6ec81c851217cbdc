import type { Clock } from '@fairway/host';
import type { Histogram, Metrics } from '@fairway/serving/metrics';
import type { AdmissionOperation, AdmissionPlugin, AdmissionRequest } from './admission-plugin.ts';

/** Source: kube-apiserver 1.36. */
const durationBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

/** The same plugins; how long each takes is measured, by its name and whether it refused. */
export function measureAdmission(
  plugins: readonly AdmissionPlugin[],
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): readonly AdmissionPlugin[] {
  const durations = metrics.histogram({
    name: 'apiserver_admission_controller_admission_duration_seconds',
    help: 'Time that a plugin of admission took, by its phase, the operation, and whether it refused.',
    labels: ['name', 'operation', 'rejected', 'type'],
    bounds: durationBounds,
  });
  return plugins.map((plugin) => {
    const { name, admit, validate } = plugin;
    const measured = <Request extends AdmissionRequest>(
      phase: 'admit' | 'validate',
      ask: (request: Request) => Answer,
    ): ((request: Request) => Answer) => {
      const seriesOf = (operation: AdmissionOperation, isRejected: boolean): Histogram =>
        durations.of(name, operation, String(isRejected), phase);
      return measureAnswers(ask, clock, {
        passed: keptByOperation((operation) => seriesOf(operation, false)),
        rejected: keptByOperation((operation) => seriesOf(operation, true)),
      });
    };
    return {
      ...plugin,
      ...(admit && { admit: measured('admit', admit.bind(plugin)) }),
      ...(validate && { validate: measured('validate', validate.bind(plugin)) }),
    };
  });
}

/** What a plugin says in one phase: by a promise, or at once. */
type Answer = Promise<void> | undefined;

type SeriesOf = (operation: AdmissionOperation) => Histogram;

function measureAnswers<Request extends AdmissionRequest>(
  ask: (request: Request) => Answer,
  clock: Clock,
  { passed, rejected }: { readonly passed: SeriesOf; readonly rejected: SeriesOf },
): (request: Request) => Answer {
  return (request) => {
    const startMs = clock.elapsed();
    const took = (seriesOf: SeriesOf): void =>
      seriesOf(request.operation).observe((clock.elapsed() - startMs) / 1000);
    const reject = (error: unknown): never => {
      took(rejected);
      throw error;
    };
    try {
      const answer = ask(request);
      if (answer !== undefined) return answer.then(() => took(passed), reject);
    } catch (error) {
      reject(error);
    }
    took(passed);
    return undefined;
  };
}

function keptByOperation(make: SeriesOf): SeriesOf {
  const known = new Map<AdmissionOperation, Histogram>();
  return (operation) => {
    let series = known.get(operation);
    if (series === undefined) {
      series = make(operation);
      known.set(operation, series);
    }
    return series;
  };
}
