import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { Metrics } from '@fairway/serving/metrics';
import { ApiServiceMetrics } from './api-service-metrics.ts';

function service(status?: string, reason = 'Passed'): APIService {
  const conditions = status === undefined ? [] : [{ type: 'Available', status, reason }];
  return { metadata: { name: 'v1.tides' }, status: { conditions } };
}

test('an APIService counts as lost when it was available, and only then', async () => {
  const metrics = new Metrics();
  const counted = new ApiServiceMetrics(metrics, { all: [] });
  const [available, away] = [service('True'), service('False', 'MissingEndpoints')];
  counted.changed(undefined, away);
  counted.changed(service(), away);
  counted.changed(away, away);
  counted.changed(available, available);
  counted.changed(away, available);
  const lost = (await metrics.read()).find(({ shape }) => shape.name.endsWith('_total'));
  assert.deepEqual([...(lost?.all ?? [])], []);
  counted.changed(available, away);
  const [series] = [...(lost?.all ?? [])];
  assert.deepEqual(series?.values, ['v1.tides', 'MissingEndpoints']);
});
