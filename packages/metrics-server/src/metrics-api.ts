import type { Client } from '@fairway/client';
import type { Clock } from '@fairway/host';
import { Node, Pod } from '@fairway/kinds/core/v1';
import {
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type ResourceTarget,
  apiError,
  formatTime,
  notFound,
  parseRequestTarget,
  readText,
} from '@fairway/protocol';
import { nodeMetrics, podMetrics } from './measured-objects.ts';
import { NodeReadings } from './node-readings.ts';
import { readKubelet } from './read-kubelet.ts';

export interface MetricsApiOptions {
  /** Acts as whoever may see nodes, pods, and what kubelets tell. */
  readonly client: Client;
  readonly clock: Clock;
}

/** The API metrics.k8s.io: what it has, and what answers requests for it that are authorized already. */
export interface MetricsApi {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly {
    readonly plural: string;
    readonly singular: string;
    readonly kind: string;
    readonly isNamespaced: boolean;
    readonly verbs: readonly string[];
  }[];
  readonly handler: Handler;
}

const group = 'metrics.k8s.io';
const version = 'v1beta1';
const verbs = ['get', 'list'] as const;

/** What nodes and pods use. Source: metrics.k8s.io/v1beta1; metrics-server. */
export function metricsApi({ client, clock }: MetricsApiOptions): MetricsApi {
  const readings = new NodeReadings(clock, (node) => readKubelet({ client, clock }, node));
  const parts: Parts = { client, clock, readings };
  return {
    group,
    version,
    resources: [
      { plural: 'nodes', singular: '', kind: 'NodeMetrics', isNamespaced: false, verbs },
      { plural: 'pods', singular: '', kind: 'PodMetrics', isNamespaced: true, verbs },
    ],
    handler: async (request) => {
      const target = parseRequestTarget(request);
      const measure = target.isResource ? resources[target.plural] : undefined;
      if (!target.isResource || measure === undefined || target.subresource !== '') {
        throw apiError('NotFound', 'the server could not find the requested resource', {});
      }
      if (target.verb !== 'get' && target.verb !== 'list') {
        const message = 'the server does not allow this method on the requested resource';
        throw apiError('MethodNotAllowed', message, {});
      }
      return measure(parts, target, request);
    },
  };
}

interface Parts {
  readonly client: Client;
  readonly clock: Clock;
  readonly readings: NodeReadings;
}

type Measure = (
  parts: Parts,
  target: ResourceTarget,
  request: HttpRequest,
) => Promise<HttpResponse>;

const resources: Readonly<Record<string, Measure>> = {
  async nodes(parts, target, request) {
    if (target.namespace !== '') throw apiError('NotFound', '404 page not found', {});
    if (target.verb === 'list') {
      const nodes = await parts.client.list(Node, selectorsOf(request)).all();
      return list('NodeMetricsList', await measuredNodes(parts, nodes.items));
    }
    const node = await parts.client.find(Node, target.name);
    const [measured] = node === undefined ? [] : await measuredNodes(parts, [node]);
    return one(measured, { plural: 'nodemetrics', name: target.name });
  },
  async pods(parts, target, request) {
    const { namespace, name } = target;
    if (target.verb === 'list') {
      const where = namespace === '' ? { allNamespaces: true as const } : { namespace };
      const pods = await parts.client.list(Pod, { ...where, ...selectorsOf(request) }).all();
      return list('PodMetricsList', await measuredPods(parts, pods.items));
    }
    const pod = await parts.client.find(Pod, name, { namespace });
    const [measured] = pod === undefined ? [] : await measuredPods(parts, [pod]);
    return one(measured, { plural: 'podmetrics', name: `${namespace}/${name}` });
  },
};

async function measuredNodes(
  { readings, clock }: Parts,
  nodes: readonly Node[],
): Promise<readonly object[]> {
  const created = formatTime(clock.now());
  const measured = await Promise.all(
    nodes.map(async (node) => {
      const pair = await readings.of(node.metadata?.name ?? '');
      return pair === undefined ? undefined : nodeMetrics(node, pair, created);
    }),
  );
  return measured.filter((each) => each !== undefined);
}

/** Only the nodes that the pods are on are asked. */
async function measuredPods(
  { readings, clock }: Parts,
  pods: readonly Pod[],
): Promise<readonly object[]> {
  const created = formatTime(clock.now());
  const measured = await Promise.all(
    pods.map(async (pod) => {
      const node = pod.spec?.nodeName ?? '';
      if (pod.status?.phase !== 'Running' || node === '') return undefined;
      const pair = await readings.of(node);
      return pair === undefined ? undefined : podMetrics(pod, pair, created);
    }),
  );
  return measured.filter((each) => each !== undefined);
}

function selectorsOf({ query: text }: HttpRequest): {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
} {
  const query = new URLSearchParams(text);
  const labelSelector = readText(query, 'labelSelector');
  const fieldSelector = readText(query, 'fieldSelector');
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

function one(
  measured: object | undefined,
  subject: { readonly plural: string; readonly name: string },
): HttpResponse {
  if (measured === undefined) throw notFound({ group, ...subject });
  return json(measured);
}

function list(kind: string, items: readonly object[]): HttpResponse {
  return json({ kind, apiVersion: `${group}/${version}`, metadata: {}, items });
}

function json(object: object): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache, private' },
    body: Buffer.from(JSON.stringify(object)),
  };
}
