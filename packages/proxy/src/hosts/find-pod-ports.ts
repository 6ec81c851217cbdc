import type { Client } from '@fairway/client';
import { apiError } from '@fairway/protocol';
import {
  type PodFacts,
  type ServiceFacts,
  type ServicePortFacts,
  type SliceFacts,
  endpointSlices,
  pods,
  services,
} from './cluster-facts.ts';
import { type HostedName, hostOf } from './hosted-name.ts';

/** Where a name leads. */
export interface PodPorts {
  readonly scheme: 'http' | 'https';
  /** The port as the service or the pod calls it: a number. */
  readonly port: number;
  /** Ports of ready pods of which any will do; empty: what answers is no pod. */
  readonly ports: readonly PodPort[];
}

export interface PodPort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/**
 * Asks the cluster where a name leads.
 *
 * Errors: `ApiError`, also for a service without such a port, or without a program.
 */
export function findPodPorts(
  client: Pick<Client, 'get' | 'list'>,
  name: HostedName,
): Promise<PodPorts> {
  return name.kind === 'service' ? ofService(client, name) : ofPod(client, name);
}

async function ofService(
  client: Pick<Client, 'get' | 'list'>,
  hosted: HostedName,
): Promise<PodPorts> {
  const { namespace, name } = hosted;
  const labelSelector = `kubernetes.io/service-name=${name}`;
  const [service, slices] = await Promise.all([
    client.get(services, name, { namespace }),
    client.list(endpointSlices, { namespace, labelSelector }).all(),
  ]);
  const port = servicePort(service, hosted);
  const ready = slices.items.flatMap((slice) => readyIn(slice, namespace, port.name ?? ''));
  if (ready.length === 0) {
    throw apiError(
      'ServiceUnavailable',
      `service ${namespace}/${name} has no ready pod at port ${port.port}; see \`fairway get endpointslices -n ${namespace} -l ${labelSelector}\``,
      undefined,
      { headers: { 'retry-after': '1' } },
    );
  }
  return {
    scheme: isSecure(port, port.port) ? 'https' : 'http',
    port: port.port,
    ports: ready.filter((each) => each !== undefined),
  };
}

function servicePort({ spec }: ServiceFacts, hosted: HostedName): ServicePortFacts {
  const ports = (spec?.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  const { port: wanted } = hosted;
  const found =
    wanted === ''
      ? (ports.find(({ name }) => name === 'http') ??
        ports.find(({ port }) => port === 80) ??
        ports[0])
      : ports.find(({ name, port }) => name === wanted || String(port) === wanted);
  if (found !== undefined) return found;
  const known = ports.map(({ name, port }) =>
    name === undefined ? `${port}` : `${name} (${port})`,
  );
  const remedy =
    known.length === 0
      ? 'it has none for TCP'
      : `it has ${known.join(', ')}: ${example(hosted, ports)}`;
  throw apiError(
    'NotFound',
    `service ${hosted.namespace}/${hosted.name} has no port ${JSON.stringify(wanted)}; ${remedy}`,
  );
}

function example(hosted: HostedName, [first]: readonly ServicePortFacts[]): string {
  return `http://${hostOf({ ...hosted, port: first?.name ?? String(first?.port) })}`;
}

/** The endpoints that are ready; undefined for one that is no pod. */
function readyIn(
  { ports, endpoints }: SliceFacts,
  namespace: string,
  portName: string,
): readonly (PodPort | undefined)[] {
  const port = ports?.find(({ name = '' }) => name === portName)?.port;
  if (port === undefined) return [];
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  return ready.map(({ targetRef }) => {
    const isPod = targetRef?.kind === 'Pod' && targetRef.namespace === namespace;
    return isPod ? { namespace, name: targetRef.name ?? '', port } : undefined;
  });
}

async function ofPod(client: Pick<Client, 'get'>, hosted: HostedName): Promise<PodPorts> {
  const { namespace, name } = hosted;
  const pod = await client.get(pods, name, { namespace });
  const { phase = 'Pending' } = pod.status ?? {};
  if (phase !== 'Running') {
    throw apiError(
      'ServiceUnavailable',
      `pod ${namespace}/${name} is not running: it is ${phase}; see \`fairway describe pod ${name} -n ${namespace}\``,
      undefined,
      { headers: { 'retry-after': '1' } },
    );
  }
  const declared = declaredPorts(pod).find(
    ({ containerPort }) => hosted.port === '' || String(containerPort) === hosted.port,
  );
  const port = hosted.port === '' ? (declared?.containerPort ?? 80) : Number(hosted.port);
  if (!(port >= 1 && port <= 65_535)) {
    throw apiError('BadRequest', `${hosted.port} is no port: one is a number from 1 to 65535`);
  }
  return {
    scheme: isSecure(declared ?? {}, port) ? 'https' : 'http',
    port,
    ports: [{ namespace, name, port }],
  };
}

function declaredPorts({
  spec,
}: PodFacts): readonly { readonly name?: string; readonly containerPort: number }[] {
  return (spec?.containers ?? [])
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ protocol = 'TCP' }) => protocol === 'TCP');
}

/** By what it is called, where nothing says it. */
function isSecure(
  { name = '', appProtocol = '' }: Partial<ServicePortFacts>,
  port: number,
): boolean {
  if (appProtocol !== '') return appProtocol.toLowerCase() === 'https';
  return port === 443 || /^https\b/.test(name);
}
