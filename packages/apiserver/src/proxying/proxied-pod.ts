import type { Node, Pod } from '@fairway/kinds/core/v1';
import { type ProxyName, badRequest, parseProxyName } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { BackendEndpoint } from '../calls/dial.ts';
import type { ConnectParts } from '../connections/destination.ts';
import { findPod } from '../connections/pod-destination.ts';
import { isAllowed, notAllowed } from './allowed-address.ts';

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

/** Errors: BadRequest. */
export function readProxyName(text: string, what: 'node' | 'pod' | 'service'): ProxyName {
  const read = parseProxyName(text);
  if (read === undefined) throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`);
  return read;
}

/** A port of a pod, and by what runs it, since that decides about the way there. */
export async function podAddress(
  { cluster }: Pick<ConnectParts, 'cluster'>,
  { scheme }: ProxyName,
  { pod, ...at }: { readonly host: string; readonly port: number; readonly pod: Pod },
): Promise<BackendEndpoint> {
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const node = pod.spec?.nodeName ?? '';
  const found = node === '' ? undefined : await cluster.find<Node>('', 'nodes', { name: node });
  const containerRuntime = found?.status?.nodeInfo?.containerRuntimeVersion ?? '';
  return { scheme: schemeOf(scheme), ...at, pod: { namespace, name, node, containerRuntime } };
}

export function schemeOf(said: ProxyName['scheme']): BackendEndpoint['scheme'] {
  return said === 'https' ? 'https' : 'http';
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

/** The number of a port; undefined for what is none. */
export function readPort(text: string): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 65_535 ? number : undefined;
}
