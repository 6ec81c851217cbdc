import type { Service } from '@fairway/kinds/core/v1';
import { apiError, notFound } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { BackendEndpoint } from '../calls/dial.ts';
import type { ProxyParts } from './proxy-parts.ts';
import { isAllowed, notAllowed } from './allowed-address.ts';
import { podAddress } from './proxied-pod.ts';
import { podAt, readyEndpoints, servicePortName } from './ready-endpoints.ts';
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
  let tries = 0;
  let hasForbidden = false;
  for (const candidate of readyEndpoints(slices, portName, parts.random.fraction())) {
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
function portNameOf(service: Service, port: string): string {
  if (!/^[+-]?\d+$/.test(port)) return port;
  const found = servicePortName(service, Number(port));
  if (found !== undefined) return found;
  const name = service.metadata?.name ?? '';
  throw unavailable(`no service port ${Number(port)} found for service "${name}"`);
}

function unavailable(message: string): Error {
  return apiError('ServiceUnavailable', message, {});
}
