import type { ApiServerOptions } from './api-server-options.ts';
import { Auditor } from './audit/auditor.ts';
import type { MeasureParts } from './metrics/access-metrics.ts';
import { tellOfProcess } from '@fairway/serving/metrics';
import { RequestMetrics } from './metrics/request-metrics.ts';
import { countStoredObjects } from './metrics/storage-metrics.ts';
import type { ResourceRegistry } from './registry/resource-registry.ts';
import type { PipelineParts } from './request-pipeline.ts';

/**
 * What looks on while requests are answered: metrics of them, and who tells the audit log. Has `/metrics` tell
 * of what is stored and of the process, too.
 */
export function observeServer(
  { store, audit, processFigures }: ApiServerOptions,
  { registry, ...measuring }: MeasureParts & { readonly registry: ResourceRegistry },
): Pick<PipelineParts, 'auditor' | 'requestMetrics'> {
  const { metrics, clock } = measuring;
  // Of the store itself: looking is not counted as what it was asked.
  countStoredObjects(metrics, { store, registry });
  if (processFigures !== undefined) tellOfProcess(metrics, processFigures);
  return {
    requestMetrics: new RequestMetrics(metrics, { registry, clock }),
    ...(audit && { auditor: new Auditor(audit, measuring) }),
  };
}
