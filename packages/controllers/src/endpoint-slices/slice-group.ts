import type { Endpoint, EndpointPort, EndpointSlice } from '@fairway/kinds/discovery/v1';
import { type DeepReadonly, type JsonValue, equalsJson } from '@fairway/protocol';

/** What endpoints share that stand in the same slices. */
export interface SliceGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** A slice as it is to be: one that there is, with what it will hold, or a new one. */
export interface SliceDraft {
  readonly slice: DeepReadonly<EndpointSlice> | undefined;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** Endpoints with the same ports, in any order, may share slices. */
export function portsKey(ports: DeepReadonly<readonly EndpointPort[]> | null | undefined): string {
  const keys = (ports ?? []).map(({ name = '', port, protocol = 'TCP', appProtocol = '' }) =>
    JSON.stringify([name, port ?? 0, protocol, appProtocol]),
  );
  return keys.toSorted().join();
}

/**
 * Spreads the endpoints of a group over slices so that few slices change: an endpoint stays where it
 * is, a new one goes into a slice that changes anyway, else all new ones into one that has room for
 * them, else into new slices. A slice that is left empty is not among the drafts.
 */
export function spreadEndpoints(
  { ports, endpoints }: SliceGroup,
  existing: readonly DeepReadonly<EndpointSlice>[],
  endpointsMax: number,
): readonly SliceDraft[] {
  const waiting = new Map(endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const drafts = existing.map((slice) => keepEndpoints(slice, waiting));
  const fill = (draft: Draft): void => {
    for (const [key, endpoint] of waiting) {
      if (draft.endpoints.length >= endpointsMax) return;
      waiting.delete(key);
      draft.endpoints.push(endpoint);
      draft.isChanged = true;
    }
  };
  const changing = drafts.filter((draft) => draft.isChanged && draft.endpoints.length > 0);
  for (const draft of changing.toSorted(byLengthDown)) fill(draft);
  while (waiting.size > 0) {
    const untouched = drafts.filter((draft) => !draft.isChanged);
    const fitting = untouched
      .filter((draft) => draft.endpoints.length + waiting.size <= endpointsMax)
      .toSorted(byLengthDown)[0];
    const draft = fitting ?? { slice: undefined, endpoints: [], isChanged: true };
    if (fitting === undefined) drafts.push(draft);
    fill(draft);
  }
  return drafts
    .filter((draft) => draft.endpoints.length > 0)
    .map((draft) => ({ slice: draft.slice, ports, endpoints: draft.endpoints }));
}

/** Two that a slice does not hold both: the same addresses of the same pod. */
export function endpointKey({ addresses, hostname, targetRef }: DeepReadonly<Endpoint>): string {
  const { namespace = '', name = '', uid = '' } = targetRef ?? {};
  return JSON.stringify([[...addresses].toSorted(), hostname ?? '', namespace, name, uid]);
}

interface Draft {
  readonly slice: DeepReadonly<EndpointSlice> | undefined;
  readonly endpoints: Endpoint[];
  isChanged: boolean;
}

/** Takes out of `waiting` what the slice holds already. */
function keepEndpoints(slice: DeepReadonly<EndpointSlice>, waiting: Map<string, Endpoint>): Draft {
  const draft: Draft = { slice, endpoints: [], isChanged: false };
  for (const before of slice.endpoints ?? []) {
    const key = endpointKey(before);
    const endpoint = waiting.get(key);
    waiting.delete(key);
    if (endpoint !== undefined) draft.endpoints.push(endpoint);
    if (!equalsJson((endpoint ?? null) as JsonValue, before as JsonValue)) draft.isChanged = true;
  }
  return draft;
}

function byLengthDown(one: Draft, other: Draft): number {
  return other.endpoints.length - one.endpoints.length;
}
