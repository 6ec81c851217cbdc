/** One metric with its values. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** When it was measured, in milliseconds since 1970; absent: now. */
  readonly timeMs?: number;
}

/** Source: Prometheus, text-based exposition format 0.0.4. */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(metricText).join('');
}

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/** A metric without any sample is left out. */
function metricText({ name, help, type, samples }: Metric): string {
  if (samples.length === 0) return '';
  const lines = samples.map(({ labels = {}, value, timeMs }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    const which = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
    const when = timeMs === undefined ? '' : ` ${Math.floor(timeMs)}`;
    return `${name}${which} ${value}${when}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
