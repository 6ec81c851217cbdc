import type { Node, Pod } from '@fairway/kinds/core/v1';
import { type DeepReadonly, formatDuration, formatQuantity, formatTime } from '@fairway/protocol';
import { containerKey } from './reading.ts';
import { type ReadingPair, type UsageRate, containerRate, nodeRate } from './usage-rate.ts';

const apiVersion = 'metrics.k8s.io/v1beta1';

/** Undefined where there is no rate. Source: metrics.k8s.io/v1beta1 NodeMetrics. */
export function nodeMetrics(
  { metadata }: DeepReadonly<Node>,
  pair: ReadingPair,
  creationTimestamp: string,
): object | undefined {
  const rate = nodeRate(pair);
  if (rate === undefined) return undefined;
  const { name, labels } = metadata ?? {};
  return {
    kind: 'NodeMetrics',
    apiVersion,
    metadata: { name, creationTimestamp, ...(labels && { labels }) },
    ...momentOf(rate),
    usage: usageOf(rate),
  };
}

/** Undefined where a container has no rate: of a part nothing can be said. Source: PodMetrics. */
export function podMetrics(
  { metadata, status }: DeepReadonly<Pod>,
  pair: ReadingPair,
  creationTimestamp: string,
): object | undefined {
  const { name = '', namespace = '', labels } = metadata ?? {};
  const running = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
    .filter(({ state }) => state?.running !== undefined)
    .map((container) => container.name);
  const rates = running.map((container) => {
    return [container, containerRate(pair, containerKey(namespace, name, container))] as const;
  });
  const known = rates.flatMap(([container, rate]) =>
    rate === undefined ? [] : [{ container, rate }],
  );
  const [first] = known;
  if (first === undefined || known.length < running.length) return undefined;
  // Of the container that was read first.
  const earliest = known.reduce(
    (least, { rate }) => (rate.timeMs < least.timeMs ? rate : least),
    first.rate,
  );
  return {
    kind: 'PodMetrics',
    apiVersion,
    metadata: { name, namespace, creationTimestamp, ...(labels && { labels }) },
    ...momentOf(earliest),
    containers: known.map(({ container, rate }) => ({ name: container, usage: usageOf(rate) })),
  };
}

function momentOf({ timeMs, windowMs }: UsageRate): object {
  return { timestamp: formatTime(timeMs), window: formatDuration(windowMs) };
}

function usageOf({ nanoCores, memoryBytes }: UsageRate): object {
  return {
    cpu: formatQuantity({ nanos: nanoCores, format: 'DecimalSI' }),
    memory: formatQuantity({ nanos: memoryBytes * 1_000_000_000n, format: 'BinarySI' }),
  };
}
