import { type Clock, messageOf } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import type { Service } from '@fairway/kinds/core/v1';
import { groupVersionPath, hostPort } from '@fairway/protocol';
import { releaseBody } from '@fairway/serving';
import { readyEndpoints, servicePortName } from '../proxying/ready-endpoints.ts';
import { groupVersionOf } from '../registry/api-services.ts';
import { aggregatorRequest, askingLimit } from './aggregator-request.ts';
import type { Availability } from './availability-writer.ts';
import { type ExtensionParts, type ExtensionWay, namedService, waysTo } from './extension-ways.ts';
import { addressesMax } from '../proxying/service-addresses.ts';

/**
 * Whether requests can go on to the server behind a service, and why not: by the service and its endpoints,
 * then by asking it what it has.
 *
 * Source: kube-aggregator, remote availability controller, reasons and messages.
 */
export async function judgeAvailability(
  parts: ExtensionParts,
  apiService: APIService,
  signal: AbortSignal,
): Promise<Availability> {
  const { namespace, name, port } = namedService(apiService.spec?.service);
  const service = await parts.cluster.find<Service>('', 'services', { namespace, name });
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  if (service === undefined) return no('ServiceNotFound', `${where} is not present`);
  const { type = 'ClusterIP' } = service.spec ?? {};
  if (type === 'ClusterIP') {
    const portName = servicePortName(service, port);
    if (portName === undefined) {
      return no('ServicePortError', `${where} is not listening on port ${port}`);
    }
    const slices = await parts.serviceSlices.of({ namespace, service: name });
    if (slices.length === 0) {
      return no('EndpointsNotFound', `cannot find endpointslices for ${where}`);
    }
    const [ready] = readyEndpoints(slices, portName, 0);
    if (ready === undefined) {
      const why = `have no addresses with port name ${JSON.stringify(portName)}`;
      return no('MissingEndpoints', `endpointslices for ${where} ${why}`);
    }
  }
  const failure = await askForDiscovery(parts, apiService, signal);
  if (failure !== undefined) return no('FailedDiscoveryCheck', failure);
  return { status: 'True', reason: 'Passed', message: 'all checks passed' };
}

function no(reason: string, message: string): Availability {
  return { status: 'False', reason, message };
}

/** Asks several addresses at once: one that answers is enough. Answers what is wrong when none does. */
async function askForDiscovery(
  parts: ExtensionParts,
  apiService: APIService,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = groupVersionPath(groupVersionOf(apiService));
  const asked: Promise<string | undefined>[] = [];
  try {
    for await (const way of waysTo(parts, apiService)) {
      asked.push(failureOf(way, path, { clock: parts.clock, signal }));
      if (asked.length === addressesMax) break;
    }
  } catch (failure) {
    return messageOf(failure);
  }
  return Promise.any(
    asked.map(async (each) => {
      const failure = await each;
      if (failure !== undefined) throw new Error(failure);
      return undefined;
    }),
  ).catch((failures: AggregateError) => messageOf(failures.errors.at(-1)));
}

async function failureOf(
  { endpoint, upstream }: ExtensionWay,
  path: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const url = `https://${hostPort(endpoint.host, endpoint.port)}${path}`;
  const missing = `failing or missing response from ${url}`;
  using limit = askingLimit(clock, signal);
  try {
    const { status, body } = await upstream.send(aggregatorRequest(path, { signal: limit.signal }));
    releaseBody(body);
    if (status >= 200 && status <= 299) return undefined;
    return `${missing}: bad status from ${url}: ${status}`;
  } catch (failure) {
    const why = limit.signal.aborted ? messageOf(limit.signal.reason) : messageOf(failure);
    return `${missing}: Get ${JSON.stringify(url)}: ${why}`;
  }
}
