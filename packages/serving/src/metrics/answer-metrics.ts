import type { HttpResponse } from '@fairway/protocol';
import type { Metrics } from './metrics.ts';
import { metricsContentType, writeMetrics } from './write-metrics.ts';

/** Answers `/metrics` and its like with all that there is to tell now. */
export async function answerMetrics(metrics: Metrics): Promise<HttpResponse> {
  return {
    status: 200,
    headers: { 'cache-control': 'no-cache, private', 'content-type': metricsContentType },
    body: Buffer.from(writeMetrics(await metrics.read())),
  };
}
