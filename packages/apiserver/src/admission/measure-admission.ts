import type { Clock } from '@fairway/host';
import type { Histogram, Metrics } from '@fairway/serving/metrics';
import type { AdmissionOperation, AdmissionPlugin } from './admission-plugin.ts';

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
    const known = new Map<string, Histogram>();
    const measured: Measure = async (phase, operation, answer) => {
      const startMs = clock.elapsed();
      let isRejected = true;
      try {
        await answer();
        isRejected = false;
      } finally {
        const key = keyOf(phase, operation, isRejected);
        let series = known.get(key);
        if (series === undefined) {
          series = durations.of(name, operation, String(isRejected), phase);
          known.set(key, series);
        }
        series.observe((clock.elapsed() - startMs) / 1000);
      }
    };
    return {
      ...plugin,
      ...(admit && {
        admit: (request) => measured('admit', request.operation, () => admit.call(plugin, request)),
      }),
      ...(validate && {
        validate: (request) =>
          measured('validate', request.operation, () => validate.call(plugin, request)),
      }),
    };
  });
}

/** Runs what a plugin does in one phase. */
type Measure = (
  phase: 'admit' | 'validate',
  operation: AdmissionOperation,
  answer: () => Promise<void>,
) => Promise<void>;

const keyOf = (phase: string, operation: AdmissionOperation, isRejected: boolean): string =>
  phase + operation + (isRejected ? '!' : '');
