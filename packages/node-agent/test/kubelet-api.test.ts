import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { nodejsMachineFiles } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type Handler, type HttpRequest, collectBody, parseJson } from '@fairway/protocol';
import { kubeletAccess } from '../src/kubelet-api/kubelet-access.ts';
import { kubeletApi } from '../src/kubelet-api/kubelet-api.ts';
import type { KubeletParts, NodePod } from '../src/kubelet-api/kubelet-parts.ts';
import { machineUsage } from '../src/node/machine-usage.ts';
import type { ContainerRecord } from '../src/runtime/container.ts';
import { handMadeRuntime } from '../src/testing.ts';

const startMs = Date.UTC(2026, 0, 1);

const pod: NodePod = {
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { containers: [{ name: 'main' }, { name: 'late' }] },
  status: {
    startTime: '2026-01-01T00:00:00Z',
    containerStatuses: [
      {
        name: 'main',
        containerID: 'handmade://c1',
        state: { running: {} },
        lastState: { terminated: { exitCode: 1, containerID: 'handmade://c0' } },
        image: 'x',
        imageID: 'x',
        ready: true,
        restartCount: 1,
      },
      {
        name: 'late',
        state: { waiting: { reason: 'ImagePullBackOff' } },
        image: 'x',
        imageID: '',
        ready: false,
        restartCount: 0,
      },
    ],
  },
};

function container(id: string, more: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    id,
    sandboxId: 's1',
    name: 'main',
    attempt: 0,
    image: 'x',
    imageId: 'sha256:x',
    state: 'running',
    createdMs: startMs - 60_000,
    labels: {},
    annotations: {},
    ...more,
  };
}

/** A node with one pod, whose API server says who may do what. */
async function openNode(): Promise<
  AsyncDisposable & {
    readonly runtime: ReturnType<typeof handMadeRuntime>;
    readonly clock: ManualClock;
    readonly asked: { kind: string; spec: Record<string, unknown> }[];
    readonly allowed: Set<string>;
    ask(method: string, path: string, token?: string): Promise<[number, string]>;
  }
> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelet-api-'));
  await writeFile(join(folder, '1.log'), '2026-01-01T00:00:00Z stdout F hello\n');
  await writeFile(join(folder, '0.log'), '2026-01-01T00:00:00Z stderr F before\n');
  const clock = new ManualClock(startMs);
  const asked: { kind: string; spec: Record<string, unknown> }[] = [];
  const allowed = new Set(['proxy']);
  const api: Handler = async ({ path, body }) => {
    const review = parseJson(Buffer.from(await collectBody(body)).toString()) as (typeof asked)[0];
    asked.push(review);
    const { token, resourceAttributes } = review.spec;
    const status = path.endsWith('/tokenreviews')
      ? { authenticated: token !== 'bad', user: { username: String(token) } }
      : { allowed: allowed.has((resourceAttributes as { subresource: string }).subresource) };
    const answer = Buffer.from(JSON.stringify({ ...review, status }));
    return { status: 201, headers: {}, body: answer };
  };
  const runtime = handMadeRuntime({
    pods: [
      {
        uid: 'u1',
        name: 'web',
        namespace: 'shop',
        sandboxes: [
          {
            id: 's1',
            attempt: 0,
            isReady: true,
            createdMs: startMs,
            addresses: ['10.0.0.1'],
            labels: {},
            annotations: {},
          },
        ],
        containers: [
          container('c1', { logPath: join(folder, '1.log') }),
          container('c0', { logPath: join(folder, '0.log'), state: 'exited' }),
        ],
      },
    ],
  });
  const { files } = nodejsHost();
  const machineFiles = nodejsMachineFiles;
  const parts: KubeletParts = {
    ...kubeletAccess({ api, clock }),
    nodeName: 'node-1',
    pods: {
      find: (namespace, name) => (namespace === 'shop' && name === 'web' ? pod : undefined),
      all: () => [pod],
    },
    runtime,
    nodeUsage: () => machineUsage({ files, machineFiles, clock }, '/'),
    configuration: () => ({ kind: 'KubeletConfiguration' }),
    problem: () => undefined,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
  };
  const { handler } = kubeletApi(parts);
  return {
    runtime,
    clock,
    asked,
    allowed,
    async ask(method, target, token = 'ann') {
      const [path = '', query = ''] = target.split('?');
      const request: HttpRequest = {
        method,
        path,
        query,
        headers: token === '' ? {} : { authorization: `Bearer ${token}` },
        body: undefined,
        signal: new AbortController().signal,
      };
      const { status, body } = await handler(request);
      return [status, Buffer.from(await collectBody(body)).toString()];
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true });
    },
  };
}

test('a kubelet asks the API server who somebody is and what they may, and remembers for a while', async () => {
  await using node = await openNode();
  assert.deepEqual(await node.ask('GET', '/healthz', ''), [401, 'Unauthorized']);
  assert.deepEqual(await node.ask('GET', '/healthz', 'bad'), [401, 'Unauthorized']);
  assert.deepEqual(await node.ask('GET', '/healthz'), [200, 'ok']);
  const told = node.asked.map(({ kind, spec }) => [kind, spec]);
  const forNode = { verb: 'get', version: 'v1', resource: 'nodes', name: 'node-1' };
  const groups = ['system:authenticated'];
  assert.deepEqual(told, [
    ['TokenReview', { token: 'bad', audiences: [] }],
    ['TokenReview', { token: 'ann', audiences: [] }],
    [
      'SubjectAccessReview',
      { user: 'ann', groups, resourceAttributes: { ...forNode, subresource: 'healthz' } },
    ],
    [
      'SubjectAccessReview',
      { user: 'ann', groups, resourceAttributes: { ...forNode, subresource: 'proxy' } },
    ],
  ]);
  await node.ask('GET', '/healthz/syncloop');
  assert.equal(node.asked.length, 4);
  await node.clock.advance(121_000);
  await node.ask('GET', '/healthz');
  assert.equal(node.asked.length, 6, 'the token, and what was refused');
});

test('each path of a kubelet needs what belongs to it', async () => {
  await using node = await openNode();
  node.allowed.clear();
  for (const [method, path, verb, subresources] of [
    ['GET', '/metrics/resource', 'get', 'metrics'],
    ['GET', '/stats/summary', 'get', 'stats'],
    ['GET', '/logs/', 'get', 'log'],
    ['GET', '/pods', 'get', 'pods proxy'],
    ['GET', '/runningpods/', 'get', 'pods proxy'],
    ['GET', '/healthz', 'get', 'healthz proxy'],
    ['GET', '/configz', 'get', 'configz proxy'],
    ['POST', '/exec/shop/web/main', 'create', 'proxy'],
    ['GET', '/containerLogs/shop/web/main', 'get', 'proxy'],
    ['POST', '/run/shop/web/main', 'create', 'proxy'],
    ['GET', '/%65xec/shop/web/main', 'get', 'proxy'],
    ['GET', '//metrics', 'get', 'proxy'],
    ['GET', '/metrics%2f..%2frun', 'get', 'proxy'],
  ] as const) {
    const why = `user=ann, verb=${verb}, resource=nodes, subresource(s)=[${subresources}]`;
    assert.deepEqual(await node.ask(method, path), [403, `Forbidden (${why})`], path);
  }
});

test('logs of containers are those that are meant, and refused in the words of a kubelet', async () => {
  await using node = await openNode();
  const log = '/containerLogs/shop/web';
  for (const [path, ...answer] of [
    [`${log}/main`, 200, 'hello\n'],
    [`${log}/main?previous=true`, 200, 'before\n'],
    [`${log}/main?timestamps=true&tail=all`, 200, '2026-01-01T00:00:00Z hello\n'],
    [`${log}/main?tail=0`, 200, ''],
    [`${log}/main?stream=Stderr`, 200, ''],
    [`${log}/main?sinceTime=2026-01-01T00:00:01Z`, 200, ''],
    [`${log}/main?sinceSeconds=1`, 200, 'hello\n'],
    [`${log}/main?limitBytes=2`, 200, 'he'],
    [`${log}/main?tailLines=x`, 400, '{"message": "Unable to decode query."}'],
    [`${log}/main?sinceTime=x`, 400, '{"message": "Unable to decode query."}'],
    [`${log}/main?tailLines=-1`, 422, '{"message": "Invalid request."}'],
    [`${log}/main?limitBytes=0`, 422, '{"message": "Invalid request."}'],
    [`${log}/main?stream=x`, 400, 'invalid stream type "x"'],
    [`${log}/other`, 404, 'container "other" not found in pod "web"'],
    ['/containerLogs/shop/gone/main', 404, 'pod "gone" does not exist'],
    [
      `${log}/late`,
      400,
      'container "late" in pod "web" is waiting to start: trying and failing to pull image',
    ],
    [`${log}/late?previous=1`, 400, 'previous terminated container "late" in pod "web" not found'],
    [`${log}/u1/main`, 404, '404 page not found'],
  ] as const) {
    assert.deepEqual(await node.ask('GET', path), answer, path);
  }
  node.runtime.held.pods = [];
  assert.deepEqual(await node.ask('GET', `${log}/main`), [
    400,
    'unable to retrieve container logs for handmade://c1',
  ]);
});

test('commands run in the container that is meant, and what cannot be is told', async () => {
  await using node = await openNode();
  node.allowed.add('log');
  for (const [method, path, ...answer] of [
    ['POST', '/run/shop/web/main?cmd=echo%20hi', 200, 'hi\n'],
    ['POST', '/run/shop/web/u1/main?cmd=echo', 200, '\n'],
    ['POST', '/run/shop/web/main?cmd=false', 500, "command 'false' exited with 1: "],
    ['POST', '/run/shop/web/u2/main?cmd=echo', 500, 'container not found ("main")'],
    ['POST', '/run/shop/web/late?cmd=echo', 500, 'container not found ("late")'],
    ['POST', '/run/shop/gone/main?cmd=echo', 404, 'pod does not exist'],
    ['GET', '/run/shop/web/main?cmd=echo', 405, 'Method Not Allowed'],
    ['POST', '/pods', 405, 'Method Not Allowed'],
    ['POST', '/exec/shop/web/main', 400, 'Upgrade request required'],
    ['GET', '/nothing', 404, '404 page not found'],
    ['GET', '/logs/syslog', 501, '/logs/syslog of a kubelet is not built yet; see docs/gaps.md'],
  ] as const) {
    assert.deepEqual(await node.ask(method, path), answer, path);
  }
});

test('a kubelet tells its pods, and what they and the machine use', async () => {
  await using node = await openNode();
  const usage = {
    containerId: 'c1',
    podUid: 'u1',
    name: 'main',
    workingSetBytes: 4_096,
    usedBytes: 8_192,
    rssBytes: 2_048,
  };
  node.allowed.add('metrics').add('stats');
  node.runtime.held.usages = () => [{ ...usage, timeMs: startMs, cpuNanoseconds: 5e8 }];
  const pods = JSON.parse((await node.ask('GET', '/pods'))[1]) as { items: unknown[] };
  assert.deepEqual(pods.items, [pod]);
  const running = JSON.parse((await node.ask('GET', '/runningpods/'))[1]) as { items: unknown[] };
  assert.deepEqual(running.items, [
    {
      metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
      spec: { containers: [{ name: 'main', image: 'x' }] },
      status: {},
    },
  ]);
  const [, metrics] = await node.ask('GET', '/metrics/resource');
  const labels = 'container="main",namespace="shop",pod="web"';
  for (const line of [
    `container_cpu_usage_seconds_total{${labels}} 0.5 ${startMs}`,
    `container_memory_working_set_bytes{${labels}} 4096 ${startMs}`,
    `container_start_time_seconds{${labels}} ${startMs / 1_000 - 60}`,
    `pod_cpu_usage_seconds_total{namespace="shop",pod="web"} 0.5 ${startMs}`,
    'resource_scrape_error 0',
  ]) {
    assert.ok(metrics.split('\n').includes(line), line);
  }
  assert.match(metrics, /^node_memory_working_set_bytes [1-9]\d+ \d+$/m);
  type Summary = {
    node: { memory: { availableBytes: number }; fs: { capacityBytes: number } };
    pods: { cpu: object; containers: { cpu: { usageNanoCores?: number } }[] }[];
  };
  const summary = async () => JSON.parse((await node.ask('GET', '/stats/summary'))[1]) as Summary;
  const first = await summary();
  assert.ok(first.node.memory.availableBytes > 0 && first.node.fs.capacityBytes > 0);
  assert.equal(first.pods[0]?.containers[0]?.cpu.usageNanoCores, undefined);
  node.runtime.held.usages = () => [{ ...usage, timeMs: startMs + 2_000, cpuNanoseconds: 1e9 }];
  const second = await summary();
  assert.equal(second.pods[0]?.containers[0]?.cpu.usageNanoCores, 250_000_000);
});
