import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'], categories: ['all', 'toys'] },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A widget.\n\n- with  spaces\n    and lines',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', description: 'How big. '.repeat(20) },
                  any: { 'x-kubernetes-preserve-unknown-fields': true },
                  names: {
                    type: 'object',
                    additionalProperties: { type: 'array', items: { type: 'string' } },
                  },
                  rows: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
                  parts: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: { color: { type: 'string', enum: ['red', 'green'] } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

const event = (name: string, at: number, more: object): object => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' },
  type: 'Normal',
  reason: 'Tested',
  message: ' something happened\n',
  source: { component: 'test' },
  firstTimestamp: new Date(Date.now() - at * 86_400_000).toISOString().replace(/\.\d+/, ''),
  lastTimestamp: new Date(Date.now() - at * 86_400_000).toISOString().replace(/\.\d+/, ''),
  count: 1,
  ...more,
});

suite('what there is, as kubectl tells it', { skip: skipBeside }, () => {
  let both: BesideKubectl;
  const refused = (line: string): Promise<unknown> =>
    both.same({ words: line.split(' '), hasOwnErrors: true });

  before(async () => {
    both = await openBesideKubectl();
    await both.ours({ words: ['create', '-f', '-'], input: JSON.stringify(widgets) });
    await both.begin('reading');
  });
  after(() => both[Symbol.asyncDispose]());

  test('api-resources and api-versions', async () => {
    for (const flags of [
      '',
      ' -o wide',
      ' -o name',
      ' --namespaced=false --verbs=create,get --api-group=rbac.authorization.k8s.io',
      ' --namespaced --categories=all --no-headers',
      ' --categories=all,toys',
      ' --sort-by=kind',
      ' --sort-by=name',
      ' --api-group=',
      ' --api-group=none',
    ]) {
      await both.same(`api-resources${flags}`);
    }
    await refused('api-resources --sort-by=none');
    await refused('api-resources -o json');
    await refused('api-resources pods');
    await both.same('api-versions');
  });

  test('explain tells of kinds and fields', async () => {
    for (const words of [
      'pods',
      'Pod',
      'pod.spec.restartPolicy',
      'pods.spec.containers.resources',
      'pods.spec.containers.resources.limits',
      'pods.status.conditions.lastTransitionTime',
      'pods.metadata.managedFields.fieldsV1',
      'cm.data',
      'deployments.apps',
      'deploy.spec.strategy.rollingUpdate.maxSurge',
      'deployments.apps.spec',
      'hpa.spec --api-version=autoscaling/v1',
      'crd.spec.versions.schema.openAPIV3Schema',
      'crd.spec.versions.schema.openAPIV3Schema.properties',
      'widgets',
      'wd.spec',
      'wd.spec.size',
      'wd.spec.names',
      'wd.spec.rows',
      'wd.spec.parts',
      'wd.spec.parts.color',
      'pods.spec.volumes.hostPath.type',
      'pods --recursive',
      'crd --recursive',
      'deploy.spec.template.spec.containers.env --recursive',
      'wd --recursive',
      'pods.none',
      'cm.data.none',
    ]) {
      await both.same(`explain ${words}`);
    }
    for (const words of [
      '',
      ' none',
      ' pods svc',
      ' pods -o none',
      ' deploy --api-version=none/v1',
    ]) {
      await refused(`explain${words}`);
    }
  });

  test('events, and those of an object', async () => {
    for (const each of [
      event('first', 3, { reason: 'Later' }),
      event('second', 5, {
        type: 'Warning',
        count: 7,
        lastTimestamp: event('', 1, {})['firstTimestamp' as never],
      }),
      event('third', 2, {
        involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      }),
    ]) {
      for (const [who, create] of [
        ['ours', both.ours],
        ['theirs', both.theirs],
      ] as const) {
        const { err } = await create({
          words: ['create', '-f', '-'],
          input: inNamespace(each, who),
        });
        assert.doesNotMatch(err, /error/i);
      }
    }
    for (const flags of [
      '',
      ' --for cm/web',
      ' --for=deploy/web --no-headers',
      ' --types=Warning',
      ' --types=normal,warning --for cm/web',
      ' --for cm/none',
      ' -o yaml',
      ' -o jsonpath={.items[*].reason}',
    ]) {
      await both.same(`events${flags}`);
    }
    for (const flags of ['--types=None', '--for=web', '-o wide', '--for=none/web'])
      await refused(`events ${flags}`);
    const placed = await both.ours('events -A --types=Warning');
    assert.match(placed.out, /^NAMESPACE +LAST SEEN +TYPE .*\n.*reading-ours +24h \(x7 over 5d\)/);
    await using watch = both.shell.start('events', '-w', '-n', 'reading-ours', '--for', 'cm/web');
    await watch.until('Later');
    const fresh = inNamespace(event('new', 0, { reason: 'Fresh' }), 'ours');
    await both.ours({ words: ['create', '-f', '-'], input: fresh });
    const { out } = await watch.until('Fresh');
    assert.doesNotMatch(out, /Deployment/);
    watch.interrupt();
    assert.equal((await watch.ended).exitCode, 0);
  });

  test('top shows what nodes and pods use', async () => {
    const server = await serveMetrics();
    await writeFile(join(both.folder, 'empty'), '');
    const { port } = server.address() as { port: number };
    const there = ` -s http://127.0.0.1:${port} --kubeconfig empty`;
    try {
      for (const line of [
        'top node',
        'top nodes --show-capacity --sort-by=memory',
        'top no n1 --no-headers --sort-by=cpu',
        'top pod',
        'top pods --sort-by=memory --sum',
        'top po b --containers --use-protocol-buffers=false',
        'top pod -A --containers --sum',
        'top pod -A --sort-by=cpu',
        'top pod --no-headers --sum',
      ]) {
        await both.same(`${line}${there}`);
      }
      for (const line of ['top pod none', 'top node --sort-by=none', 'top pod b -l app=web']) {
        await both.same({ words: `${line}${there}`.split(' '), hasOwnErrors: true });
      }
    } finally {
      server.close();
    }
    await both.same('top pod');
  });
});

/** As text; an event is in the namespace of what it is about. */
function inNamespace(object: object, who: string): string {
  return JSON.stringify(object).replace(
    '"involvedObject":{',
    `"involvedObject":{"namespace":"reading-${who}",`,
  );
}

/** An API server as far as `top` asks it; what is used stands still. */
async function serveMetrics(): Promise<Server> {
  const list = (kind: string, apiVersion: string, items: readonly object[]): object => ({
    kind,
    apiVersion,
    metadata: {},
    items,
  });
  const resource = (name: string, kind: string): object => ({
    name,
    singularName: '',
    namespaced: name === 'pods',
    kind,
    verbs: ['get', 'list'],
  });
  const pod = (
    name: string,
    namespace: string,
    used: Readonly<Record<string, object>>,
  ): object => ({
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name, namespace },
    timestamp: '2026-01-01T00:00:00Z',
    window: '10s',
    containers: Object.entries(used).map(([container, usage]) => ({ name: container, usage })),
  });
  const a = pod('a', 'default', { x: { cpu: '3', memory: '1500k' } });
  const b = pod('b', 'zoo', {
    x: { cpu: '1500u', memory: '3Mi' },
    y: { cpu: '20m', memory: '100Mi' },
  });
  const nodes = ['n1', 'n2', 'n3'].map((name) => ({
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name },
    status: {
      allocatable: { cpu: '3900m', memory: '7Gi' },
      capacity: { cpu: '4', memory: '8Gi' },
    },
  }));
  const used = [
    ['n2', '250m', '1Gi'],
    ['n1', '1999123456n', '300000Ki'],
  ].map(([name, cpu, memory]) => ({
    kind: 'NodeMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name },
    timestamp: '2026-01-01T00:00:00Z',
    window: '10s',
    usage: { cpu, memory },
  }));
  const version = { groupVersion: 'metrics.k8s.io/v1beta1', version: 'v1beta1' };
  const metrics = '/apis/metrics.k8s.io/v1beta1';
  const answers: Readonly<Record<string, object>> = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: [{ name: 'metrics.k8s.io', versions: [version], preferredVersion: version }],
    },
    '/api/v1': {
      kind: 'APIResourceList',
      groupVersion: 'v1',
      resources: [resource('nodes', 'Node'), resource('pods', 'Pod')],
    },
    [metrics]: {
      kind: 'APIResourceList',
      groupVersion: 'metrics.k8s.io/v1beta1',
      resources: [resource('nodes', 'NodeMetrics'), resource('pods', 'PodMetrics')],
    },
    '/api/v1/nodes': list('NodeList', 'v1', nodes),
    '/api/v1/nodes/n1': nodes[0] ?? {},
    [`${metrics}/nodes`]: list('NodeMetricsList', 'metrics.k8s.io/v1beta1', used),
    [`${metrics}/nodes/n1`]: used[1] ?? {},
    [`${metrics}/pods`]: list('PodMetricsList', 'metrics.k8s.io/v1beta1', [b, a]),
    [`${metrics}/namespaces/NS/pods`]: list('PodMetricsList', 'metrics.k8s.io/v1beta1', [b, a]),
    [`${metrics}/namespaces/NS/pods/b`]: b,
  };
  const missing = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: 'NotFound',
    code: 404,
  };
  const server = createServer(({ url = '' }, response) => {
    const [path = ''] = url.split('?');
    const answer = answers[path.replace(/namespaces\/[^/]+/, 'namespaces/NS')];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? missing));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
