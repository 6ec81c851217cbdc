import type { Clock } from '@fairway/host';
import { serviceAllocator } from './allocators/service-allocator.ts';
import type { ApiServerOptions } from './api-server-options.ts';
import { SharedFrames } from './content/shared-frames.ts';
import { YamlDecoder } from './content/yaml-decoder.ts';
import type { Metrics } from '@fairway/serving/metrics';
import { WatchMetrics } from './metrics/watch-metrics.ts';
import { Compaction } from './reads/compaction.ts';
import { ListRuns } from './reads/list-runs.ts';
import type { ServiceSlices } from './reads/service-slices.ts';
import type { ServerParts } from './route-request.ts';
import type { ServerAdmission } from './server-admission.ts';
import type { ServerAuthorization } from './server-authorization.ts';
import type { ServerResources } from './server-resources.ts';

interface Running extends ServerResources {
  readonly guard: ServerAuthorization;
  readonly admission: ServerAdmission;
  readonly serviceSlices: ServiceSlices;
  readonly metrics: Metrics;
  /** Of what forgets after a while; they end with the server. */
  readonly timers: Clock;
  readonly signal: AbortSignal;
}

/** What the verbs of a server work with. */
export function makeParts(options: ApiServerOptions, running: Running): ServerParts {
  const { clock, random, logger, encryption, dial, kubeletAddressTypes } = options;
  const { schemas, registry, facts, cluster, servedStore: store } = running;
  const { guard, admission, serviceSlices, metrics, timers, signal } = running;
  return {
    store,
    watchTimeoutMsMin: options.watchTimeoutMsMin ?? 1_800_000,
    watchMetrics: new WatchMetrics(metrics),
    isStale: (key) => encryption?.isStale(key) ?? false,
    schemas,
    resources: registry,
    facts,
    cluster,
    ...(dial && { dial }),
    ...(kubeletAddressTypes && { kubeletAddressTypes }),
    components: options.components ?? new Map(),
    serviceSlices,
    runs: new ListRuns({ clock: timers }),
    compaction: new Compaction(store, timers),
    yaml: new YamlDecoder(clock),
    sharedFrames: new SharedFrames({ clock: timers }),
    authorizer: guard.authorizer,
    admission: admission.steps,
    allocators: new Map([['/services', serviceAllocator({ ...options, store: running.store })]]),
    clock,
    random,
    logger,
    stopping: signal,
  };
}
