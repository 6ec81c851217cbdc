import { startTestServer } from '@fairway/apiserver/testing';
import { ManualClock } from '@fairway/host/testing';
import { builtInSchemas } from '@fairway/kinds/schema';
import { settleOwnership } from '../../packages/apiserver/src/ownership/settle-ownership.ts';
import { makePod } from '../client/make-pod.ts';

type Print = (what: string, result: string) => void;

const rounds = 1_000;

/**
 * What it costs to know who owns which field, as CPU time of this process: for each created pod, and
 * for whole requests to a server in memory that apply a Deployment or patch it.
 */
export async function measureOwnership(print: Print): Promise<void> {
  print('managedFields of a created pod', await cpuOf(await createdPod()));
  await using server = await startTestServer();
  const path = '/apis/apps/v1/namespaces/default/deployments/d?fieldManager=bench';
  const send = async (type: string, body: object): Promise<number> => {
    const headers = { 'content-type': `application/${type}` };
    const answer = await server.request('PATCH', path, { headers, body });
    if (answer.status >= 300) throw new Error(answer.text);
    return answer.text.length;
  };
  const apply = (image: string) => send('apply-patch+yaml', deployment(image));
  const kilobytes = (JSON.stringify(deployment('x:1')).length / 1_000).toFixed(0);
  print(
    'a Deployment as applied, as answered',
    `${kilobytes} KB, ${((await apply('x:1')) / 1_000).toFixed(0)} KB`,
  );
  print('apply of a change', await cpuOf((round) => apply(`x:${round}`)));
  print('apply without a change', await cpuOf(() => apply('x:1')));
  const patch = (round: number) =>
    send('merge-patch+json', { metadata: { annotations: { round: `${round}` } } });
  print('merge patch of the same', await cpuOf(patch));
}

async function createdPod(): Promise<() => Promise<unknown>> {
  const { managedFields: _, ...metadata } = (makePod(1) as { metadata: Record<string, unknown> })
    .metadata;
  const object = { ...makePod(1), metadata };
  const schema = builtInSchemas().lookup('v1', 'Pod');
  const subresources = new Map([['status', {}]]);
  const call = {
    request: { headers: { 'user-agent': 'bench/1' } },
    target: { subresource: '' },
    resource: {
      group: '',
      version: 'v1',
      plural: 'pods',
      schema,
      isBuiltIn: true,
      subresources,
      strategy: { resetFields: {} },
    },
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
