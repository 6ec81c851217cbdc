import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oracle from 'prom-client';
import { Metrics } from './metrics.ts';
import { writeMetrics } from './write-metrics.ts';

/** The library leaves an empty line between metrics, and has its own order. */
function blocksOf(text: string): readonly string[] {
  return text
    .split(/^(?=# HELP)/m)
    .map((block) => block.trim())
    .sort();
}

test('counters, gauges and histograms are written as prom-client writes them', async () => {
  const registers = [new oracle.Registry()];
  const metrics = new Metrics();
  const labelNames = ['verb', 'code'];
  const words = { help: 'With "quotes", a \\ and\na line.' };
  const counter = metrics.counter({ name: 'requests_total', labels: labelNames, ...words });
  const theirCounter = new oracle.Counter({
    name: 'requests_total',
    labelNames,
    registers,
    ...words,
  });
  for (const [verb, code] of [
    ['GET', '200'],
    ['GET', '500'],
    ['GET', '200'],
    ['a"b\\c\nd', ''],
  ] as const) {
    counter.of(verb, code).add();
    theirCounter.labels(verb, code).inc();
  }
  const gauge = metrics.gauge({ name: 'open', ...words });
  const theirGauge = new oracle.Gauge({ name: 'open', registers, ...words });
  gauge.of().set(7.25);
  theirGauge.set(7.25);
  gauge.of().add(-2);
  theirGauge.dec(2);
  const bounds = [0.005, 0.1, 1, 1e9];
  const shape = { name: 'seconds', labels: ['verb'], bounds, ...words };
  const histogram = metrics.histogram(shape);
  const theirHistogram = new oracle.Histogram({
    name: 'seconds',
    labelNames: ['verb'],
    buckets: bounds,
    registers,
    ...words,
  });
  for (const value of [0.001, 0.005, 0.006, 0.1, 3, 1e9, 2e9]) {
    histogram.of('GET').observe(value);
    theirHistogram.labels('GET').observe(value);
  }
  const theirs = (await registers[0]?.metrics()) ?? '';
  // They put the bound first.
  const text = theirs.replaceAll(/\{(le="[^"]*"),([^}]*)\}/g, '{$2,$1}');
  assert.deepEqual(blocksOf(writeMetrics(await metrics.read())), blocksOf(text));
});

test('what nobody has counted is left out, and what is no number is written as Prometheus reads it', async () => {
  const metrics = new Metrics();
  metrics.counter({ name: 'never', help: 'x', labels: ['verb'] });
  const gauge = metrics.gauge({ name: 'odd', help: 'x', labels: ['of'] });
  gauge.of('a').set(Infinity);
  gauge.of('b').set(-Infinity);
  gauge.of('c').set(Number.NaN);
  assert.equal(
    writeMetrics(await metrics.read()),
    '# HELP odd x\n# TYPE odd gauge\nodd{of="a"} +Inf\nodd{of="b"} -Inf\nodd{of="c"} NaN\n',
  );
});

test('whoever reads has what is counted at that moment', async () => {
  const metrics = new Metrics();
  const gauge = metrics.gauge({ name: 'objects', help: 'x', labels: ['resource'] });
  let objects = 0;
  metrics.beforeReading(async () => {
    gauge.clear();
    gauge.of(`kind-${++objects}`).set(objects);
  });
  await metrics.read();
  const [, , line] = writeMetrics(await metrics.read()).split('\n');
  assert.equal(line, 'objects{resource="kind-2"} 2');
});

test('no two metrics have one name', () => {
  const metrics = new Metrics();
  metrics.counter({ name: 'x_total', help: 'x' });
  assert.throws(() => metrics.gauge({ name: 'x_total', help: 'y' }), /two metrics x_total/);
});
