import type { Random } from '@fairway/host';
import type { Service } from '@fairway/kinds/core/v1';
import { isIP } from 'node:net';
import type { BackendEndpoint } from '../calls/dial.ts';
import { podAddress } from './proxied-pod.ts';
import { podAt, readyEndpoints, servicePortName } from './ready-endpoints.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import type { ServiceSlices } from '../reads/service-slices.ts';

export interface ServiceAddressParts {
  readonly cluster: ClusterReader;
  readonly serviceSlices: ServiceSlices;
  readonly random: Random;
}

/** Addresses that are tried before somebody hears that none is reached. */
export const addressesMax = 5;

/** A service is nowhere, and why. */
export class NoWayToService extends Error {
  override readonly name = 'NoWayToService';
}

/** A service of the cluster, as an APIService or a webhook names it. */
export interface NamedService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/**
 * Where a service is reached: at its ready endpoints, beginning with any, or by its external name. Endpoints
 * that somebody wrote by hand count too.
 *
 * Errors: `NoWayToService`. Source: apiserver, util/proxy, ResolveEndpoint.
 */
export async function* serviceAddresses(
  { cluster, serviceSlices, random }: ServiceAddressParts,
  { namespace, name, port }: NamedService,
): AsyncGenerator<BackendEndpoint, undefined> {
  const service = await cluster.find<Service>('', 'services', { namespace, name });
  if (service === undefined) throw new NoWayToService(`service ${JSON.stringify(name)} not found`);
  const scheme = 'https';
  const { type, externalName = '' } = service.spec ?? {};
  if (type === 'ExternalName') {
    yield { scheme, host: externalName, port };
    return;
  }
  const portName = servicePortName(service, port);
  if (portName === undefined) {
    throw new NoWayToService(`no service port ${port} found for service ${JSON.stringify(name)}`);
  }
  const slices = await serviceSlices.of({ namespace, service: name });
  let count = 0;
  for (const endpoint of readyEndpoints(slices, portName, random.fraction())) {
    if (count === addressesMax) return;
    if (isIP(endpoint.address) === 0) continue;
    count += 1;
    const at = { host: endpoint.address, port: endpoint.port };
    const pod = await podAt(cluster, namespace, endpoint);
    if (pod === undefined) yield { scheme, ...at };
    else yield await podAddress({ cluster }, { scheme }, { ...at, pod });
  }
  if (count === 0)
    throw new NoWayToService(`no endpoints available for service ${JSON.stringify(name)}`);
}
