import type { Pod } from '@fairway/kinds/core/v1';
import { badRequest, notFound, readBoolean, readText } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';
import type { ConnectParts, Destination, FindDestination } from './destination.ts';
import { kubeletEndpoint } from './kubelet-endpoint.ts';

/** Leads to a process of a container. Source: core/v1 PodExecOptions, PodAttachOptions. */
export function processDestination(way: 'exec' | 'attach'): FindDestination {
  return async (call) => {
    const query = new URLSearchParams(call.request.query);
    const pod = await findPod(call);
    const container = chooseContainer(pod, readText(query, 'container'));
    return atKubelet(call, pod, { path: way, container, query: processQuery(query, way) });
  };
}

/** Leads to the ports of a pod. Source: core/v1 PodPortForwardOptions. */
export const portDestination: FindDestination = async (call) => {
  const ports = new URLSearchParams(call.request.query).getAll('ports');
  const query = new URLSearchParams(ports.length === 0 ? [] : [['port', ports.join(',')]]);
  return atKubelet(call, await findPod(call), { path: 'portForward', query });
};

export async function findPod({ target, parts }: Call<ConnectParts>): Promise<Pod> {
  const { namespace, name } = target;
  const pod = await parts.cluster.find<Pod>('', 'pods', { namespace, name });
  if (pod === undefined) throw notFound({ group: '', plural: 'pods', name });
  return pod;
}

/** The container that is asked for, or the only one. Errors: BadRequest. */
export function chooseContainer({ metadata, spec }: Pod, wanted: string | undefined): string {
  const pod = metadata?.name ?? '';
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec ?? {};
  if (wanted !== undefined) {
    const all = [...initContainers, ...containers, ...ephemeralContainers];
    if (all.some(({ name }) => name === wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${pod}`);
  }
  const [first, second] = containers;
  if (first !== undefined && second === undefined) return first.name;
  const names = (of: readonly { name: string }[]): string => of.map(({ name }) => name).join(' ');
  const inits =
    initContainers.length === 0 ? '' : ` or one of the init containers: [${names(initContainers)}]`;
  const choice = first === undefined ? '' : `, choose one of: [${names(containers)}]${inits}`;
  throw badRequest(`a container name must be specified for pod ${pod}${choice}`);
}

/** A path of the kubelet of the pod's node. Errors: BadRequest for a pod without one. */
async function atKubelet(
  { parts }: Call<ConnectParts>,
  { metadata, spec }: Pod,
  to: { readonly path: string; readonly container?: string; readonly query: URLSearchParams },
): Promise<Destination> {
  const { name = '', namespace = '' } = metadata ?? {};
  const node = spec?.nodeName ?? '';
  if (node === '') throw badRequest(`pod ${name} does not have a host assigned`);
  const endpoint = await kubeletEndpoint(parts, node);
  const segments = [
    to.path,
    namespace,
    name,
    ...(to.container === undefined ? [] : [to.container]),
  ];
  return { endpoint, path: `/${segments.join('/')}`, query: to.query.toString() };
}

/** What the API calls `stdin=true` is `input=1` to a kubelet. Source: kubelet, streaming server. */
function processQuery(asked: URLSearchParams, way: 'exec' | 'attach'): URLSearchParams {
  const query = new URLSearchParams();
  if (way === 'exec') for (const word of asked.getAll('command')) query.append('command', word);
  for (const [ours, theirs] of kubeletNames) {
    if (readBoolean(asked, ours) === true) query.append(theirs, '1');
  }
  return query;
}

const kubeletNames = [
  ['stderr', 'error'],
  ['stdin', 'input'],
  ['stdout', 'output'],
  ['tty', 'tty'],
] as const;
