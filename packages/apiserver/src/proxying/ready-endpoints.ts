import type { Pod, Service } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** An address that a service has a program at. */
export interface ReadyEndpoint {
  readonly address: string;
  readonly port: number;
  readonly targetRef: NonNullable<EndpointSlice['endpoints']>[number]['targetRef'];
}

/** By the slice and the name of the port: one of many endpoints is not read anew for every request. */
const known = new WeakMap<EndpointSlice, Map<string, readonly ReadyEndpoint[]>>();

/** Those of slices that are ready, beginning at a fraction of them. */
export function* readyEndpoints(
  slices: readonly EndpointSlice[],
  portName: string,
  fraction: number,
): Generator<ReadyEndpoint> {
  const lists = slices.map((slice) => readyIn(slice, portName));
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const first = Math.floor(fraction * count);
  for (let turn = 0; turn < count; turn += 1) {
    let index = (first + turn) % count;
    for (const list of lists) {
      if (index < list.length) {
        yield list[index] as ReadyEndpoint;
        break;
      }
      index -= list.length;
    }
  }
}

function readyIn(slice: EndpointSlice, portName: string): readonly ReadyEndpoint[] {
  const port = slice.ports?.find(({ name = '' }) => name === portName)?.port;
  if (port === undefined) return [];
  const ofSlice = known.get(slice) ?? new Map<string, readonly ReadyEndpoint[]>();
  known.set(slice, ofSlice);
  let ready = ofSlice.get(portName);
  if (ready !== undefined) return ready;
  ready = (slice.endpoints ?? []).flatMap(({ addresses, conditions, targetRef }) => {
    const [address] = addresses;
    if (address === undefined || conditions?.ready === false) return [];
    return { address, port, targetRef };
  });
  ofSlice.set(portName, ready);
  return ready;
}

/** The pod of a namespace whose address an endpoint is; undefined when it is that of no pod. */
export async function podAt(
  cluster: ClusterReader,
  namespace: string,
  { address, targetRef }: ReadyEndpoint,
): Promise<Pod | undefined> {
  if (targetRef?.kind !== 'Pod' || targetRef.namespace !== namespace) return undefined;
  const { name = '' } = targetRef;
  const pod = await cluster.find<Pod>('', 'pods', { namespace, name });
  return pod?.status?.podIPs?.some(({ ip }) => ip === address) === true ? pod : undefined;
}

/** The name of a port of a service; undefined when it does not have the port. */
export function servicePortName({ spec }: Service, port: number): string | undefined {
  const found = spec?.ports?.find((each) => each.port === port);
  return found === undefined ? undefined : (found.name ?? '');
}
