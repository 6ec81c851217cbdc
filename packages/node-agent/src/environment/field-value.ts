import type { Container, Pod, ResourceFieldSelector } from '@fairway/kinds/core/v1';
import { parseQuantity } from '@fairway/protocol';

type Amounts = Readonly<Record<string, string | number>> | undefined;

/**
 * What a field of a pod says to its programs; undefined for a field that they may not ask for.
 * Source: Kubernetes documentation, "Downward API".
 */
export function fieldValue(pod: Pod, path: string): string | undefined {
  const { metadata, spec, status } = pod;
  const entry = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (entry !== null) {
    const map = entry[1] === 'labels' ? metadata?.labels : metadata?.annotations;
    return map?.[entry[2] ?? ''] ?? '';
  }
  const values: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata?.name,
    'metadata.namespace': metadata?.namespace,
    'metadata.uid': metadata?.uid,
    'metadata.labels': lines(metadata?.labels),
    'metadata.annotations': lines(metadata?.annotations),
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'status.hostIP': status?.hostIP ?? '',
    'status.hostIPs': (status?.hostIPs ?? []).map(({ ip }) => ip).join(','),
    'status.podIP': status?.podIP ?? '',
    'status.podIPs': (status?.podIPs ?? []).map(({ ip }) => ip).join(','),
  };
  return values[path];
}

function lines(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

/**
 * How much of a resource a container asks for or may have, in whole divisors, rounded up; undefined
 * when only the node says so. Source: API reference, `ResourceFieldSelector`.
 */
export function resourceValue(
  container: Container,
  { resource, divisor }: Pick<ResourceFieldSelector, 'resource' | 'divisor'>,
): string | undefined {
  const dot = resource.indexOf('.');
  const [list, name] = [resource.slice(0, dot), resource.slice(dot + 1)];
  const amounts: Amounts =
    list === 'limits' ? container.resources?.limits : container.resources?.requests;
  const given = amounts?.[name];
  if (given === undefined) return list === 'limits' ? undefined : '0';
  const amount = parseQuantity(String(given))?.nanos;
  const unit = parseQuantity(String(divisor ?? '1'))?.nanos ?? 0n;
  if (amount === undefined) return undefined;
  // A divisor of 0 is one that was not given.
  const by = unit === 0n ? 1_000_000_000n : unit;
  return String((amount + by - 1n) / by);
}
