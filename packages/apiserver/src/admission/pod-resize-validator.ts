import { podRequests, type ResourceAmounts } from '@fairway/kind-rules/pods';
import type { Node, Pod } from '@fairway/kinds/core/v1';
import { type ApiError, apiError, forbidden, parseQuantity } from '@fairway/protocol';
import type { AdmissionPlugin, ValidateRequest } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/**
 * Refuses to resize a pod to more than its node has, or on a node that cannot. Source: Kubernetes admission,
 * PodResizeValidator; KEP-1287.
 */
export function podResizeValidator(cluster: Pick<ClusterReader, 'find'>): AdmissionPlugin<Pod> {
  return {
    name: 'PodResizeValidator',
    operations: ['UPDATE'],
    resources: ['/pods/resize'],
    async validate(request) {
      const { object, stored } = request;
      const name = object?.spec?.nodeName ?? '';
      if (object === undefined || name === '') return;
      if (object.metadata?.generation === stored?.metadata?.generation) return;
      const node = await cluster.find<Node>('', 'nodes', { name });
      if (node === undefined) throw refusal(request, `node "${name}" not found`);
      const lacking = whatNodeLacks(object, node);
      if (lacking.length > 0) {
        const why = `Node didn't have enough allocatable resources: ${lacking.join('; ')}`;
        throw withCause(refusal(request, why), 'NodeCapacity');
      }
      const system = node.metadata?.labels?.['kubernetes.io/os'] ?? '';
      if (system === 'linux') return;
      const why = `pod resize is only supported on linux nodes, node "${name}" is "${system}"`;
      throw withCause(refusal(request, why), 'UnsupportedPlatform');
    },
  };
}

function refusal({ resource, name }: ValidateRequest<Pod>, why: string): ApiError {
  return forbidden({ ...resource, name }, why);
}

/** For programs that tell refusals apart. */
function withCause({ status }: ApiError, reason: string): ApiError {
  const details = { ...status.details, causes: [{ reason, message: '' }] };
  return apiError('Forbidden', status.message ?? '', details);
}

/** Of what its containers ask for; what they have still does not count. */
function whatNodeLacks({ spec }: Pod, { status }: Node): readonly string[] {
  const asked = spec === undefined ? new Map() : podRequests({ spec });
  return [
    ...lack('cpu', 1_000_000n, { asked, allocatable: status?.allocatable }),
    ...lack('memory', 1_000_000_000n, { asked, allocatable: status?.allocatable }),
  ];
}

/** Processors are told in thousandths, memory in bytes. */
function lack(
  name: string,
  unitNanos: bigint,
  parts: {
    readonly asked: ResourceAmounts;
    readonly allocatable: Readonly<Record<string, string>> | undefined;
  },
): readonly string[] {
  const requested = roundedUp(parts.asked.get(name)?.nanos ?? 0n, unitNanos);
  const { nanos = 0n } = parseQuantity(parts.allocatable?.[name] ?? '0') ?? {};
  const allocatable = roundedUp(nanos, unitNanos);
  if (requested <= allocatable) return [];
  return [`${name}, requested: ${requested}, allocatable: ${allocatable}`];
}

function roundedUp(nanos: bigint, unitNanos: bigint): bigint {
  return (nanos + unitNanos - 1n) / unitNanos;
}
