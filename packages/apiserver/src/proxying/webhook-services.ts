import type { Random } from '@fairway/host';
import type { Pod, Service } from '@fairway/kinds/core/v1';
import type { BackendEndpoint, Dial, WebhookEndpoint } from '../calls/dial.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import type { ServiceSlices } from '../reads/service-slices.ts';
import { podAddress } from './proxied-pod.ts';
import { type Candidate, podAt, readyEndpoints } from './proxied-service.ts';

export interface ServiceParts {
  readonly cluster: ClusterReader;
  readonly serviceSlices: ServiceSlices;
  readonly random: Random;
}

type WayToWebhooks = NonNullable<Dial['webhook']>;

/**
 * A way to webhooks that finds those behind services: one of the ready endpoints, whatever it is, since the webhook
 * is known by its certificate. The handlers throw an `Error` in the words of a kube-apiserver for a service that
 * leads nowhere. Source: kube-apiserver, `--enable-aggregator-routing`.
 */
export function throughServices(webhook: WayToWebhooks, parts: ServiceParts): WayToWebhooks {
  return (endpoint) => {
    const { service } = endpoint;
    if (service === undefined) return webhook(endpoint);
    return async (request) => {
      const backend = await backendOf(service, endpoint, parts);
      return webhook({ ...endpoint, backend })(request);
    };
  };
}

async function backendOf(
  { namespace, name }: NonNullable<WebhookEndpoint['service']>,
  { port }: WebhookEndpoint,
  parts: ServiceParts,
): Promise<BackendEndpoint> {
  const service = await parts.cluster.find<Service>('', 'services', { namespace, name });
  if (service === undefined) throw new Error(`service ${JSON.stringify(name)} not found`);
  const { type, externalName = '', ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { scheme: 'https', host: externalName, port };
  const found = ports.find((each) => each.port === port);
  if (found === undefined) {
    throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
  }
  const slices = await parts.serviceSlices.of({ namespace, service: name });
  const ready = slices.flatMap((slice) => readyEndpoints(slice, found.name ?? ''));
  const chosen = ready[Math.floor(parts.random.fraction() * ready.length)];
  if (chosen === undefined) {
    throw new Error(`no endpoints available for service ${JSON.stringify(name)}`);
  }
  return addressOf(chosen, { namespace, parts });
}

/** Of a pod it matters what runs it. */
async function addressOf(
  candidate: Candidate,
  { namespace, parts }: { readonly namespace: string; readonly parts: ServiceParts },
): Promise<BackendEndpoint> {
  const at = { host: candidate.address, port: candidate.port };
  const pod: Pod | undefined = await podAt(parts.cluster, namespace, candidate);
  if (pod === undefined) return { scheme: 'https', ...at };
  return podAddress(parts, { scheme: 'https' }, { ...at, pod });
}
