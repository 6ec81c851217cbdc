import type { Clock } from '@fairway/host';
import type { Histogram, Metrics } from '@fairway/serving/metrics';
import type { AdmissionSteps } from './admission-chain.ts';
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
    const seriesOf =
      (phase: Phase): SeriesOf =>
      (operation, isRejected) =>
        durations.of(name, operation, String(isRejected), phase);
    return {
      ...plugin,
      ...(admit && { admit: measureAnswers(admit.bind(plugin), clock, seriesOf('admit')) }),
      ...(validate && {
        validate: measureAnswers(validate.bind(plugin), clock, seriesOf('validate')),
      }),
    };
  });
}

/** The same; how long all plugins together take is measured, of each phase with all its rounds. */
export function measureSteps(
  steps: AdmissionSteps,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): AdmissionSteps {
  const durations = metrics.histogram({
    name: 'apiserver_admission_step_admission_duration_seconds',
    help: 'Time that a phase of admission took, by the operation and whether the request was refused.',
    labels: ['operation', 'rejected', 'type'],
    bounds: durationBounds,
  });
  const seriesOf =
    (phase: Phase): SeriesOf =>
    (operation, isRejected) =>
      durations.of(operation, String(isRejected), phase);
  return {
    admit: measureAnswers(steps.admit.bind(steps), clock, seriesOf('admit')),
    validate: measureAnswers(steps.validate.bind(steps), clock, seriesOf('validate')),
  };
}

type Phase = 'admit' | 'validate';

/** What is said in one phase: by a promise, or at once. */
type Answer = Promise<void> | undefined;

type SeriesOf = (operation: AdmissionOperation, isRejected: boolean) => Histogram;

function measureAnswers<Request extends Pick<AdmissionRequest, 'operation'>>(
  ask: (request: Request) => Answer,
  clock: Clock,
  seriesOf: SeriesOf,
): (request: Request) => Answer {
  const passed = keptByOperation((operation) => seriesOf(operation, false));
  const rejected = keptByOperation((operation) => seriesOf(operation, true));
  return (request) => {
    const startMs = clock.elapsed();
    const took = (seriesFor: OfOperation): void =>
      seriesFor(request.operation).observe((clock.elapsed() - startMs) / 1000);
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

type OfOperation = (operation: AdmissionOperation) => Histogram;

function keptByOperation(make: OfOperation): OfOperation {
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
