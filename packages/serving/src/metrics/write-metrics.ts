import { Counter, type Family, Gauge, Histogram, type MetricFamily } from './metrics.ts';

/**
 * The text that Prometheus reads. A family without series is left out.
 *
 * Source: Prometheus, "Exposition formats", text format 0.0.4.
 */
export function writeMetrics(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const family of families) writeFamily(family, lines);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

function writeFamily(family: MetricFamily, lines: string[]): void {
  const { name, help, labels = [] } = family.shape;
  let isFirst = true;
  for (const { values, series } of (family as Family<Counter | Gauge | Histogram>).all) {
    if (isFirst) {
      lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${typeOf(series)}`);
    }
    isFirst = false;
    const pairs = labels.map((label, index) => pairOf(label, values[index] ?? ''));
    if (series instanceof Histogram) writeHistogram({ name, pairs }, series, lines);
    else lines.push(sample(name, pairs, series.value));
  }
}

function typeOf(series: Counter | Gauge | Histogram): string {
  if (series instanceof Histogram) return 'histogram';
  return series instanceof Counter ? 'counter' : 'gauge';
}

function writeHistogram(
  { name, pairs }: { readonly name: string; readonly pairs: readonly string[] },
  { bounds, counts, sum }: Histogram,
  lines: string[],
): void {
  let count = 0;
  counts.forEach((inBucket, index) => {
    count += inBucket;
    const bound = numberText(bounds[index] ?? Infinity);
    lines.push(sample(`${name}_bucket`, [...pairs, pairOf('le', bound)], count));
  });
  lines.push(sample(`${name}_sum`, pairs, sum), sample(`${name}_count`, pairs, count));
}

function sample(name: string, pairs: readonly string[], value: number): string {
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`;
}

function pairOf(label: string, value: string): string {
  return `${label}="${escapeValue(value)}"`;
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', String.raw`\"`);
}
