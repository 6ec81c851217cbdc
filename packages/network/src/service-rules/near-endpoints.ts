import type { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { ServiceEndpoint } from '../service-backends.ts';
import { isReady } from '../service-slices.ts';

/** Where a node is. */
export interface NodePlace {
  readonly name: string;
  /** Undefined: it does not say. */
  readonly zone: string | undefined;
}

/** Where a node says that it is. */
export function zoneOf(node: DeepReadonly<Node> | undefined): string | undefined {
  return node?.metadata?.labels?.['topology.kubernetes.io/zone'];
}

/**
 * The endpoints that a node is to use where their hints say so for every one that is ready: those for the node,
 * else those for its zone. All of them where one has no hint, or none is for here.
 *
 * Source: kube-proxy, topology hints; KEP-2433, KEP-3015.
 */
export function nearEndpoints(
  endpoints: readonly ServiceEndpoint[],
  { name, zone }: NodePlace,
): readonly ServiceEndpoint[] {
  const ready = endpoints.filter(isReady);
  const near = (
    hintsOf: (endpoint: ServiceEndpoint) => readonly { readonly name: string }[] | undefined,
    place: string | undefined,
  ): readonly ServiceEndpoint[] => {
    if (ready.some((each) => (hintsOf(each) ?? []).length === 0)) return [];
    return ready.filter((each) => hintsOf(each)?.some((hint) => hint.name === place));
  };
  const onNode = near(({ hints }) => hints?.forNodes, name);
  const inZone = onNode.length > 0 ? onNode : near(({ hints }) => hints?.forZones, zone);
  return inZone.length > 0 ? inZone : endpoints;
}
