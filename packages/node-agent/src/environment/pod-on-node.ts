import type { NodeFacts } from '../node/node-facts.ts';
import type { ContainerSpec } from '../pod-lifecycle/container-status.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';

/** What a container may take of the machine that sets itself no limit. */
const defaultedLimits = ['cpu', 'memory', 'ephemeral-storage'];

/**
 * The pod as its programs are told of it here: with the addresses that it has by now, and where it sets no
 * limit with what the node has. Source: Kubernetes documentation, "Downward API", fallback information.
 */
export function onNode<P extends AnyPod>(
  pod: P,
  node: NodeFacts,
  podAddresses: readonly string[],
): P {
  const { spec, status } = pod;
  if (spec === undefined) return pod;
  const ips = (addresses: readonly string[]): readonly { ip: string }[] =>
    addresses.map((ip) => ({ ip }));
  const own = spec.hostNetwork === true ? node.addresses : podAddresses;
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map((each) => withNodeLimits(each, pod, node)),
      ...(spec.initContainers === undefined
        ? {}
        : { initContainers: spec.initContainers.map((each) => withNodeLimits(each, pod, node)) }),
    },
    status: {
      ...status,
      ...(node.addresses[0] === undefined ? {} : { hostIP: node.addresses[0] }),
      hostIPs: ips(node.addresses),
      ...(own[0] === undefined ? {} : { podIP: own[0] }),
      podIPs: ips(own),
    },
  };
}

/** A container that is limited by the pod, or by all that the node has, where it says nothing itself. */
export function withNodeLimits<C extends ContainerSpec>(
  container: C,
  { spec }: AnyPod,
  { allocatable }: NodeFacts,
): C {
  const { limits = {}, ...rest } = container.resources ?? {};
  const ofPod = spec?.resources?.limits ?? {};
  const all = Object.fromEntries(
    defaultedLimits.flatMap((name) => {
      const amount = limits[name] ?? ofPod[name] ?? allocatable[name];
      return amount === undefined ? [] : [[name, amount]];
    }),
  );
  return { ...container, resources: { ...rest, limits: { ...limits, ...all } } };
}
