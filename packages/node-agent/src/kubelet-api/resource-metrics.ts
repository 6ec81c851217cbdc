import { type Measures, sumOf } from './measures.ts';
import { type Metric, type Sample, prometheusText } from './prometheus-text.ts';

const nanosecondsPerSecond = 1e9;

/** What `/metrics/resource` tells. Source: Kubernetes, kubelet resource metrics. */
export function resourceMetrics(measures: Measures): string {
  return prometheusText([
    ...containerMetrics(measures),
    ...nodeMetrics(measures),
    ...podMetrics(measures),
    gauge('resource_scrape_error', '1 if there was an error while getting container metrics', [
      { value: 0 },
    ]),
  ]);
}

function nodeMetrics({ node }: Measures): readonly Metric[] {
  const { timeMs, cpuNanoseconds, memory } = node;
  return [
    counter('node_cpu_usage_seconds_total', 'cpu time consumed by the node in core-seconds', [
      { value: cpuNanoseconds / nanosecondsPerSecond, timeMs },
    ]),
    gauge('node_memory_working_set_bytes', 'working set of the node in bytes', [
      { value: memory.workingSetBytes, timeMs },
    ]),
  ];
}

function containerMetrics({ pods }: Measures): readonly Metric[] {
  const all = pods.flatMap(({ pod, containers }) =>
    containers.map((each) => {
      const { namespace = '', name = '' } = pod.metadata ?? {};
      const labels = { container: each.name, namespace, pod: name };
      return { ...each, labels, timeMs: each.usage.timeMs };
    }),
  );
  return [
    counter(
      'container_cpu_usage_seconds_total',
      'cpu time consumed by the container in core-seconds',
      all.map(({ labels, timeMs, usage }) => {
        return { labels, timeMs, value: usage.cpuNanoseconds / nanosecondsPerSecond };
      }),
    ),
    gauge(
      'container_memory_working_set_bytes',
      'working set of the container in bytes',
      all.map(({ labels, timeMs, usage }) => ({ labels, timeMs, value: usage.workingSetBytes })),
    ),
    gauge(
      'container_start_time_seconds',
      'start time of the container since unix epoch in seconds',
      all.map(({ labels, startedMs }) => ({ labels, value: startedMs / 1_000 })),
    ),
  ];
}

function podMetrics({ pods }: Measures): readonly Metric[] {
  const all = pods.map((each) => {
    const { namespace = '', name = '' } = each.pod.metadata ?? {};
    return { ...sumOf(each), labels: { namespace, pod: name } };
  });
  return [
    counter(
      'pod_cpu_usage_seconds_total',
      'cpu time consumed by the pod in core-seconds',
      all.map(({ labels, timeMs, cpuNanoseconds }) => {
        return { labels, timeMs, value: cpuNanoseconds / nanosecondsPerSecond };
      }),
    ),
    gauge(
      'pod_memory_working_set_bytes',
      'working set of the pod in bytes',
      all.map(({ labels, timeMs, workingSetBytes: value }) => ({ labels, timeMs, value })),
    ),
  ];
}

function counter(name: string, what: string, samples: readonly Sample[]): Metric {
  return { name, help: `[STABLE] Cumulative ${what}`, type: 'counter', samples };
}

function gauge(name: string, what: string, samples: readonly Sample[]): Metric {
  return { name, help: `[STABLE] Current ${what}`, type: 'gauge', samples };
}
