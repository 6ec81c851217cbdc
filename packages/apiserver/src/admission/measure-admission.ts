import type { Clock } from '@fairway/host';
import type { Histogram, Metrics } from '../metrics/metrics.ts';
import type { AdmissionOperation, AdmissionPlugin, AdmissionTiming } from './admission-plugin.ts';

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
    const known = new Map<string, Histogram>();
    const timing: AdmissionTiming = {
      now: () => clock.elapsed(),
      took: (phase, operation, startMs, isRejected) => {
        const key = keyOf(phase, operation, isRejected);
        let series = known.get(key);
        if (series === undefined) {
          series = durations.of(plugin.name, operation, String(isRejected), phase);
          known.set(key, series);
        }
        series.observe((clock.elapsed() - startMs) / 1000);
      },
    };
    return timed(plugin, timing);
  });
}

const keyOf = (phase: string, operation: AdmissionOperation, isRejected: boolean): string =>
  phase + operation + (isRejected ? '!' : '');

/** Every part of the plugin by name, so that none is left out that comes later. */
function timed(plugin: AdmissionPlugin, timing: AdmissionTiming): AdmissionPlugin {
  const { name, operations, resources, admit, validate } = plugin;
  const parts: { readonly [Part in keyof Required<AdmissionPlugin>]: AdmissionPlugin[Part] } = {
    name,
    operations,
    resources,
    timing,
    admit: admit && ((request) => admit.call(plugin, request)),
    validate: validate && ((request) => validate.call(plugin, request)),
  };
  const given = Object.entries(parts).filter(([, part]) => part !== undefined);
  return Object.fromEntries(given) as unknown as AdmissionPlugin;
}
