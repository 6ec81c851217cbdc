import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@fairway/client';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import type { Node, Pod } from '@fairway/kinds/core/v1';
import { ApiError, type Handler, collectBody, notFound, stringifyJson } from '@fairway/protocol';
import { metricsApi } from './metrics-api.ts';

const startMs = Date.UTC(2026, 0, 1);

/** What a kubelet knows: the start of its containers, each of which uses half a processor. */
interface TestNode {
  readonly containers: Readonly<Record<string, { startedMs: number }>>;
  isAway?: boolean;
}

function pod(name: string, nodeName: string, containers: readonly string[]): Pod {
  return {
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: { nodeName, containers: containers.map((each) => ({ name: each })) },
    status: {
      phase: 'Running',
      containerStatuses: containers.map((each) => ({
        name: each,
        state: { running: {} },
        image: 'x',
        imageID: 'x',
        ready: true,
        restartCount: 0,
      })),
    },
  };
}

interface Measured {
  readonly metadata: { readonly name: string; readonly labels?: object };
  readonly timestamp: string;
  readonly window: string;
  readonly usage: object;
  readonly containers: readonly { readonly name: string; readonly usage: object }[];
}

function open(nodes: Readonly<Record<string, TestNode>>, pods: readonly Pod[]) {
  const clock = new ManualClock(startMs);
  const asked: string[] = [];
  const objects: readonly Node[] = Object.keys(nodes).map((name) => {
    return { metadata: { name, labels: { zone: 'a' } } };
  });
  const answer = (found: object | undefined) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(stringifyJson(found) ?? ''),
  });
  const cluster: Handler = async ({ path, query }) => {
    const [, name = ''] = /^\/api\/v1\/nodes\/([^/]+)/.exec(path) ?? [];
    if (path.endsWith('/proxy/metrics/resource')) {
      asked.push(name);
      const node = nodes[name];
      if (node === undefined || node.isAway === true) {
        throw new ApiError({ kind: 'Status', apiVersion: 'v1', metadata: {}, code: 503 } as never);
      }
      return { status: 200, headers: {}, body: Buffer.from(told(node, clock.now())) };
    }
    const selector = new URLSearchParams(query).get('labelSelector');
    if (selector !== null) asked.push(selector);
    if (path === '/api/v1/nodes') return answer({ kind: 'NodeList', metadata: {}, items: objects });
    if (name !== '') {
      const found = objects.find(({ metadata }) => metadata?.name === name);
      if (found === undefined) throw notFound({ group: '', plural: 'nodes', name });
      return answer(found);
    }
    const [, podName] = /\/pods\/(.+)$/.exec(path) ?? [];
    if (podName === undefined) return answer({ kind: 'PodList', metadata: {}, items: pods });
    const found = pods.find(({ metadata }) => metadata?.name === podName);
    if (found === undefined) throw notFound({ group: '', plural: 'pods', name: podName });
    return answer(found);
  };
  const client = createClient({ transport: cluster, clock, random: seededRandom(1) });
  const { handler } = metricsApi({ client, clock });
  const ask = async (path: string, method = 'GET'): Promise<{ items: Measured[] } & Measured> => {
    const [pathOnly = '', query = ''] = path.split('?');
    const { signal } = new AbortController();
    const pending = handler({
      method,
      path: `/apis/metrics.k8s.io/v1beta1/${pathOnly}`,
      query,
      headers: {},
      body: undefined,
      signal,
    });
    // Whoever is the first waits a second for another reading.
    let isAnswered = false;
    void pending.catch(() => {}).finally(() => (isAnswered = true));
    await settle();
    if (!isAnswered) await clock.advance(1_000);
    const { body } = await pending;
    return JSON.parse(Buffer.from(await collectBody(body)).toString()) as never;
  };
  return { clock, asked, ask };
}

function told({ containers }: TestNode, nowMs: number): string {
  const lines = Object.entries(containers).flatMap(([name, { startedMs }]) => {
    const [podName = '', container = ''] = name.split('/');
    const labels = `{container="${container}",namespace="shop",pod="${podName}"}`;
    const seconds = (nowMs - startedMs) / 2_000;
    return [
      `container_cpu_usage_seconds_total${labels} ${seconds} ${nowMs}`,
      `container_memory_working_set_bytes${labels} 1.048576e+06 ${nowMs}`,
      `container_start_time_seconds${labels} ${startedMs / 1_000}`,
    ];
  });
  return [
    '# TYPE node_cpu_usage_seconds_total counter',
    `node_cpu_usage_seconds_total ${nowMs / 1_000} ${nowMs}`,
    `node_memory_working_set_bytes 2.5e+06 ${nowMs}`,
    'resource_scrape_error 0',
    ...lines,
    '',
  ].join('\n');
}

const old = { startedMs: startMs - 3_600_000 };

test('the first who asks waits for a second reading, the next have theirs for 15 s', async () => {
  const { ask, asked, clock } = open({ n1: { containers: {} } }, []);
  const { items, ...list } = await ask('nodes');
  assert.deepEqual(list, {
    kind: 'NodeMetricsList',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {},
  });
  assert.deepEqual(items, [
    {
      kind: 'NodeMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: { name: 'n1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { zone: 'a' } },
      timestamp: '2026-01-01T00:00:01Z',
      window: '1s',
      usage: { cpu: '1', memory: '2500000' },
    },
  ]);
  assert.deepEqual(asked, ['n1', 'n1']);
  await clock.advance(14_000);
  await ask('nodes');
  assert.equal(asked.length, 2);
  await clock.advance(1_000);
  const [later] = (await ask('nodes')).items;
  assert.deepEqual([later?.window, asked.length], ['15s', 3]);
  // Long after, what was read then says nothing of now.
  await clock.advance(120_000);
  const [again] = (await ask('nodes')).items;
  assert.deepEqual([again?.window, asked.length], ['1s', 5]);
});

test('many who ask at the same time ask a kubelet once', async () => {
  const { ask, asked } = open({ n1: { containers: {} } }, []);
  const answers = await Promise.all([ask('nodes'), ask('nodes/n1'), ask('nodes')]);
  assert.equal(asked.length, 2);
  assert.equal(answers[1]?.window, '1s');
});

test('of a pod all containers are told, those that began just now from their start', async () => {
  const young = { startedMs: startMs - 500 };
  const pods = [pod('web', 'n1', ['main', 'side']), pod('half', 'n1', ['main', 'unknown'])];
  const containers = { 'web/main': old, 'web/side': young, 'half/main': old };
  const { ask, asked } = open({ n1: { containers }, n2: { containers: {} } }, pods);
  const { items } = await ask('namespaces/shop/pods?labelSelector=app%3Dweb');
  assert.deepEqual(
    items.map(({ metadata, containers: told }) => [metadata.name, told]),
    [
      [
        'web',
        [
          { name: 'main', usage: { cpu: '500m', memory: '1Mi' } },
          { name: 'side', usage: { cpu: '500m', memory: '1Mi' } },
        ],
      ],
    ],
  );
  assert.deepEqual(asked, ['app=web', 'n1', 'n1']);
});

test('a node that does not answer is left out, and asked again after 15 s', async () => {
  const away: TestNode = { containers: {}, isAway: true };
  const { ask, asked, clock } = open({ n1: { containers: {} }, n2: away }, []);
  const names = async () => (await ask('nodes')).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(await names(), ['n1']);
  assert.deepEqual(await names(), ['n1']);
  assert.deepEqual(asked.toSorted(), ['n1', 'n1', 'n2']);
  away.isAway = false;
  await clock.advance(15_000);
  assert.deepEqual(await names(), ['n1', 'n2']);
});

test('what there is nothing of is refused in the words of metrics-server', async () => {
  const { ask } = open({ n1: { containers: {}, isAway: true } }, [pod('web', 'n1', ['main'])]);
  for (const [path, code, message] of [
    ['nodes/n1', 404, 'nodemetrics.metrics.k8s.io "n1" not found'],
    ['nodes/n2', 404, 'nodemetrics.metrics.k8s.io "n2" not found'],
    ['namespaces/shop/pods/web', 404, 'podmetrics.metrics.k8s.io "shop/web" not found'],
    ['namespaces/shop/pods/no', 404, 'podmetrics.metrics.k8s.io "shop/no" not found'],
    ['services', 404, 'the server could not find the requested resource'],
    ['nodes/n1/proxy', 404, 'the server could not find the requested resource'],
    ['nodes?watch=true', 405, 'the server does not allow this method on the requested resource'],
  ] as const) {
    await assert.rejects(ask(path), { code, message }, path);
  }
  await assert.rejects(ask('nodes', 'POST'), { code: 405 });
});
