import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { ManualClock } from '@fairway/host/testing';
import { builtInSchemas } from '@fairway/kinds/schema';
import { settleOwnership } from '../../packages/apiserver/src/ownership/settle-ownership.ts';
import { makePod } from '../client/make-pod.ts';
import { podJson } from './load/objects.ts';

type Print = (what: string, result: string) => void;

const rounds = 1_000;

/**
 * What it costs to know who owns which field, as CPU time of this process: for each created pod, and
 * for whole requests to a server in memory.
 */
export async function measureOwnership(print: Print): Promise<void> {
  print('managedFields of a created pod', await cpuOf(await createdPod()));
  await using server = await startTestServer();
  await measureApplies(server, print);
  await measureUpdates(server, print);
}

async function measureApplies(server: TestServer, print: Print): Promise<void> {
  const path = '/apis/apps/v1/namespaces/default/deployments/d?fieldManager=bench';
  const apply = (image: string) =>
    send(server, { path, type: 'apply-patch+yaml', body: deployment(image) });
  const kilobytes = (JSON.stringify(deployment('x:1')).length / 1_000).toFixed(0);
  print(
    'a Deployment as applied, as answered',
    `${kilobytes} KB, ${((await apply('x:1')).length / 1_000).toFixed(0)} KB`,
  );
  print('apply of a change', await cpuOf((round) => apply(`x:${round}`)));
  print('apply without a change', await cpuOf(() => apply('x:1')));
  const body = (round: number) => ({ metadata: { annotations: { round: `${round}` } } });
  const patch = (round: number) =>
    send(server, { path, type: 'merge-patch+json', body: body(round) });
  print('merge patch of the same', await cpuOf(patch));
}

/** The writes of which a cluster has most. */
async function measureUpdates(server: TestServer, print: Print): Promise<void> {
  const core = '/api/v1/namespaces/default';
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  const serviceAccount = { metadata: { name: 'default' } };
  await send(server, { path: `${core}/serviceaccounts`, method: 'POST', body: serviceAccount });
  const pod = JSON.parse(podJson('p')) as object;
  await send(server, { path: `${core}/pods`, method: 'POST', body: pod });
  const status = `${core}/pods/p/status?fieldManager=kubelet`;
  const report = (round: number) =>
    send(server, { path: status, type: 'merge-patch+json', body: podStatus(round) });
  print('status of a pod, patched', await cpuOf(report));
  const lease = {
    metadata: { name: 'l' },
    spec: { holderIdentity: 'n', leaseDurationSeconds: 40 },
  };
  print(
    'lease renewed',
    await cpuOf(await putter(server, { path: leases, object: lease }, renewed)),
  );
  const configMap = { metadata: { name: 'c' }, data: {} };
  const place = { path: `${core}/configmaps`, object: configMap };
  print('config map of 40 keys, put', await cpuOf(await putter(server, place, filled)));
}

interface Sent {
  readonly path: string;
  readonly method?: 'PATCH' | 'POST' | 'PUT';
  readonly type?: string;
  readonly body: object;
}

async function send(
  server: TestServer,
  { path, method = 'PATCH', type = 'json', body }: Sent,
): Promise<string> {
  const headers = { 'content-type': `application/${type}` };
  const answer = await server.request(method, path, { headers, body });
  if (answer.status >= 300) throw new Error(answer.text);
  return answer.text;
}

/** Creates an object, and then puts what was read with a change, as controllers do. */
async function putter(
  server: TestServer,
  { path, object }: { readonly path: string; readonly object: { metadata: { name: string } } },
  change: (round: number) => object,
): Promise<(round: number) => Promise<void>> {
  let text = await send(server, { path, method: 'POST', body: object });
  const one = `${path}/${object.metadata.name}`;
  return async (round) => {
    const body = { ...(JSON.parse(text) as object), ...change(round) };
    text = await send(server, { path: one, method: 'PUT', body });
  };
}

const renewed = (round: number): object => ({
  spec: {
    holderIdentity: 'n',
    leaseDurationSeconds: 40,
    renewTime: `2026-01-01T00:00:00.${String(round).padStart(6, '0')}Z`,
  },
});

const filled = (round: number): object => ({
  data: Object.fromEntries(many(40, (at) => [`key-${at}`, `the setting ${at === 3 ? round : at}`])),
});

function podStatus(round: number): object {
  const time = '2026-01-01T00:00:00Z';
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: round % 2 === 0 ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: time,
  }));
  const container = { name: 'web', ready: true, restartCount: round, image: 'x', imageID: 'x' };
  const containerStatuses = [{ ...container, state: { running: { startedAt: time } } }];
  return { status: { phase: 'Running', podIP: '10.0.0.1', conditions, containerStatuses } };
}

async function createdPod(): Promise<() => Promise<unknown>> {
  const { managedFields: _, ...metadata } = (makePod(1) as { metadata: Record<string, unknown> })
    .metadata;
  const object = { ...makePod(1), metadata };
  const schema = builtInSchemas().lookup('v1', 'Pod');
  const resource = {
    group: '',
    version: 'v1',
    plural: 'pods',
    schema,
    isBuiltIn: true,
    subresources: new Map([['status', {}]]),
    strategy: { resetFields: {} },
  };
  const call = {
    request: { headers: { 'user-agent': 'bench/1' } },
    target: { subresource: '' },
    resource,
    parts: { clock: new ManualClock() },
  } as unknown as Parameters<typeof settleOwnership>[0];
  return () => settleOwnership(call, { object, options: {} });
}

/** After as many rounds that are not counted. */
async function cpuOf(work: (round: number) => Promise<unknown>): Promise<string> {
  for (let round = 0; round < rounds; round++) await work(round);
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await work(round);
  const { user, system } = process.cpuUsage(before);
  return `${((user + system) / rounds).toFixed(0)} µs CPU`;
}

const many = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));

function deployment(image: string): object {
  const containers = many(5, (at) => ({
    name: `container-${at}`,
    image: at === 0 ? image : `registry.example.com/team/app-${at}:1.2.3`,
    env: many(40, (each) => ({
      name: `SETTING_${at}_${each}`,
      value: `the value of the setting that has the number ${each}`,
    })),
    ports: [{ containerPort: 8_000 + at, name: `port-${at}` }],
    resources: {
      limits: { cpu: '500m', memory: '128Mi' },
      requests: { cpu: '100m', memory: '64Mi' },
    },
    livenessProbe: { httpGet: { path: '/healthz', port: 8_000 + at } },
  }));
  const labels = { app: 'd' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}
