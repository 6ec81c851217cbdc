import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { Pod, Service } from '@fairway/kinds/core/v1';
import { apiError, notFound } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { BackendEndpoint } from '../calls/dial.ts';
import type { ProxyParts } from './proxy-parts.ts';
import { isAllowed, notAllowed } from './allowed-address.ts';
import { podAddress } from './proxied-pod.ts';
import { readProxyName } from './read-proxy-name.ts';

/** Endpoints that a request is sent to before its caller hears that none is reached. */
const triesMax = 3;

/**
 * Where `services/NAME/proxy` leads: its ready endpoints, beginning with any. An endpoint counts only as the
 * address of a pod of the same namespace, so that who writes endpoints leads nobody elsewhere.
 *
 * Errors: BadRequest, NotFound; ServiceUnavailable when there is none. Source: core/v1 ServiceProxyOptions;
 * kube-apiserver, ResourceLocation of services.
 */
export async function* serviceEndpoints(
  call: Call<ProxyParts>,
): AsyncGenerator<BackendEndpoint, undefined> {
  const { target, parts } = call;
  const { namespace } = target;
  const asked = readProxyName(target.name, 'service');
  const { name } = asked;
  const service = await parts.cluster.find<Service>('', 'services', { namespace, name });
  if (service === undefined) throw notFound({ group: '', plural: 'services', name });
  const portName = portNameOf(service, asked.port);
  const slices = await parts.serviceSlices.of({ namespace, service: name });
  const candidates = slices.map((slice) => readyEndpoints(slice, portName));
  let tries = 0;
  let hasForbidden = false;
  for (const candidate of inTurn(candidates, parts.random.fraction())) {
    if (tries === triesMax) return;
    if (!isAllowed(candidate.address)) hasForbidden = true;
    else {
      const pod = await podAt(parts.cluster, namespace, candidate);
      if (pod === undefined) continue;
      tries += 1;
      yield await podAddress(parts, asked, {
        host: candidate.address,
        port: candidate.port,
        pod,
      });
    }
  }
  if (tries > 0) return;
  if (hasForbidden) throw notAllowed();
  throw unavailable(`no endpoints available for service "${name}"`);
}

/** By a number the port of the service is meant, by a name that of its endpoints. */
function portNameOf({ metadata, spec }: Service, port: string): string {
  if (!/^[+-]?\d+$/.test(port)) return port;
  const found = spec?.ports?.find((each) => each.port === Number(port));
  if (found !== undefined) return found.name ?? '';
  const name = metadata?.name ?? '';
  throw unavailable(`no service port ${Number(port)} found for service "${name}"`);
}

/** An endpoint that is ready. */
export interface Candidate {
  readonly address: string;
  readonly port: number;
  readonly targetRef: NonNullable<EndpointSlice['endpoints']>[number]['targetRef'];
}

/** By the slice and the name of the port: one of many endpoints is not read anew for every request. */
const known = new WeakMap<EndpointSlice, Map<string, readonly Candidate[]>>();

/** Those of a slice, at its port of this name. */
export function readyEndpoints(slice: EndpointSlice, portName: string): readonly Candidate[] {
  const port = slice.ports?.find(({ name = '' }) => name === portName)?.port;
  if (port === undefined) return [];
  const ofSlice = known.get(slice) ?? new Map<string, readonly Candidate[]>();
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

/** All of several lists, beginning at a fraction of them. */
function* inTurn<T>(lists: readonly (readonly T[])[], fraction: number): Generator<T> {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const first = Math.floor(fraction * count);
  for (let turn = 0; turn < count; turn += 1) {
    let index = (first + turn) % count;
    for (const list of lists) {
      if (index < list.length) {
        yield list[index] as T;
        break;
      }
      index -= list.length;
    }
  }
}

/** The pod of an endpoint, which must have its address. */
export async function podAt(
  cluster: ProxyParts['cluster'],
  namespace: string,
  { address, targetRef }: Candidate,
): Promise<Pod | undefined> {
  if (targetRef?.kind !== 'Pod' || targetRef.namespace !== namespace) return undefined;
  const { name = '' } = targetRef;
  const pod = await cluster.find<Pod>('', 'pods', { namespace, name });
  return pod?.status?.podIPs?.some(({ ip }) => ip === address) === true ? pod : undefined;
}

function unavailable(message: string): Error {
  return apiError('ServiceUnavailable', message, {});
}
