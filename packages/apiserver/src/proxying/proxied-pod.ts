import type { Node, Pod } from '@fairway/kinds/core/v1';
import { type ProxyName, badRequest } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { BackendEndpoint } from '../calls/dial.ts';
import type { ConnectParts } from '../connections/destination.ts';
import { findPod } from '../connections/pod-destination.ts';
import { isAllowed, notAllowed } from './allowed-address.ts';
import { readPort, readProxyName, schemeOf } from './read-proxy-name.ts';

/**
 * Where `pods/NAME/proxy` leads: a port that is said, by its number or name, else the first one that a
 * container declares, else the usual one of the scheme.
 *
 * Errors: BadRequest, NotFound. Source: core/v1 PodProxyOptions.
 */
export async function podEndpoint(call: Call<ConnectParts>): Promise<BackendEndpoint> {
  const asked = readProxyName(call.target.name, 'pod');
  const pod = await findPod({ ...call, target: { ...call.target, name: asked.name } });
  const port = portOf(pod, asked);
  const address = pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? '';
  if (!isAllowed(address)) throw notAllowed();
  return podAddress(call.parts, asked, { host: address, port, pod });
}

/** A port of a pod, and by what runs it, since that decides about the way there. */
export async function podAddress(
  { cluster }: Pick<ConnectParts, 'cluster'>,
  { scheme }: Pick<ProxyName, 'scheme'>,
  { pod, ...at }: { readonly host: string; readonly port: number; readonly pod: Pod },
): Promise<BackendEndpoint> {
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const node = pod.spec?.nodeName ?? '';
  const found = node === '' ? undefined : await cluster.find<Node>('', 'nodes', { name: node });
  const containerRuntime = found?.status?.nodeInfo?.containerRuntimeVersion ?? '';
  return { scheme: schemeOf(scheme), ...at, pod: { namespace, name, node, containerRuntime } };
}

function portOf({ metadata, spec }: Pod, { scheme, port }: ProxyName): number {
  const declared = (spec?.containers ?? []).flatMap(({ ports = [] }) => ports);
  if (port === '') return declared[0]?.containerPort ?? (scheme === 'https' ? 443 : 80);
  const number = readPort(port);
  if (number !== undefined) return number;
  const found = declared.find(({ name }) => name === port);
  if (found !== undefined) return found.containerPort;
  const message = `pod ${JSON.stringify(metadata?.name)} has no port ${JSON.stringify(port)}`;
  throw badRequest(`${message}; give a number or the name of a port of its containers`);
}
