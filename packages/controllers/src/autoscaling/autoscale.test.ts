import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { ReplicaSet } from '@fairway/kinds/apps/v1';
import {
  HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerSpec,
  type MetricSpec,
} from '@fairway/kinds/autoscaling/v2';
import { Event, Pod } from '@fairway/kinds/core/v1';
import { defineKind } from '@fairway/client';
import { formatTime } from '@fairway/protocol';
import { MetricsServer } from '../../test/metrics-server.ts';
import {
  type RunningCluster,
  startRunningCluster,
  addNamespace,
} from '../../test/running-cluster.ts';

const namespace = 'shop';
const where = { namespace };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' };
const cpu: MetricSpec = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
};

/** A shop whose pods request 1 CPU each, and have run for long. */
async function startShop(): Promise<{ cluster: RunningCluster; metrics: MetricsServer }> {
  const metrics = new MetricsServer();
  const cluster = await startRunningCluster({
    controllers: ['horizontal-pod-autoscaler-controller'],
    around: (api) => metrics.around(api),
  });
  const { client } = cluster;
  await addNamespace(client, namespace);
  const containers = [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '1' } } }];
  await client.create(ReplicaSet, {
    metadata: { name: 'web', namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
    },
  });
  const set = await client.get(ReplicaSet, 'web', where);
  await client
    .subresource<ReplicaSet>(ReplicaSet, 'web', 'status', where)
    .replace({ ...set, status: { replicas: 2 } });
  for (const name of ['a', 'b']) {
    const metadata = { name, namespace, labels: { app: 'web' } };
    const pod = await client.create(Pod, { metadata, spec: { containers } });
    const longAgo = formatTime(cluster.server.clock.now() - 3_600_000);
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: longAgo }];
    const status = { phase: 'Running' as const, startTime: longAgo, conditions };
    await client.subresource<Pod>(Pod, name, 'status', where).replace({ ...pod, status });
  }
  return { cluster, metrics };
}

async function addAutoscaler(
  { client }: RunningCluster,
  spec: Partial<HorizontalPodAutoscalerSpec>,
  name = 'web',
): Promise<void> {
  const whole = { scaleTargetRef, maxReplicas: 10, ...spec };
  await client.create(HorizontalPodAutoscaler, { metadata: { name, namespace }, spec: whole });
}

/** Lets one round of 15 s pass, and answers what is said after it. */
async function afterRound(
  { client, server }: RunningCluster,
  name = 'web',
): Promise<{ replicas?: number; reasons: readonly string[]; metrics: unknown; message: string }> {
  await server.clock.advance(15_500);
  const { status } = await client.get(HorizontalPodAutoscaler, name, where);
  const { spec } = await client.get(ReplicaSet, 'web', where);
  const conditions = status?.conditions ?? [];
  const active = conditions.find(({ type }) => type === 'ScalingActive');
  return {
    ...(spec?.replicas === undefined ? {} : { replicas: spec.replicas }),
    reasons: conditions.map(({ reason }) => reason ?? ''),
    metrics: status?.currentMetrics,
    message: active?.message ?? '',
  };
}

test('a target follows the CPU that its pods use, up at once and down after five minutes', async () => {
  const { cluster, metrics } = await startShop();
  await using _ = cluster;
  metrics.use(namespace, { a: { cpu: '900m' }, b: { cpu: '700m' } });
  await addAutoscaler(cluster, { metrics: [cpu] });
  const up = await afterRound(cluster);
  assert.equal(up.replicas, 4);
  assert.deepEqual(up.reasons, ['SucceededRescale', 'ValidMetricFound', 'DesiredWithinRange']);
  assert.deepEqual(up.metrics, [
    {
      type: 'Resource',
      resource: { name: 'cpu', current: { averageUtilization: 80, averageValue: '800m' } },
    },
  ]);
  assert.deepEqual(metrics.asked, [
    '/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app%3Dweb',
  ]);
  metrics.use(namespace, { a: { cpu: '100m' }, b: { cpu: '100m' } });
  const held = await afterRound(cluster);
  assert.equal(held.replicas, 4);
  assert.equal(held.reasons[0], 'ScaleDownStabilized');
  for (let round = 0; round < 20; round++) await afterRound(cluster);
  assert.equal((await afterRound(cluster)).replicas, 1);
  const { items } = await cluster.client.list(Event, where).all();
  assert.deepEqual(items.map(({ message }) => message).toSorted(), [
    'New size: 1; reason: All metrics below target',
    'New size: 4; reason: cpu resource utilization (percentage of request) above target',
  ]);
  assert.deepEqual(cluster.warnings, []);
});

interface Kind {
  readonly what: string;
  readonly metric: MetricSpec;
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
  readonly asked: string;
  readonly replicas: number;
  /** In the status. */
  readonly current: unknown;
  readonly named: string;
}

const custom = '/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop';
const external = '/apis/external.metrics.k8s.io/v1beta1/namespaces/shop';
const ofQueue = { name: 'depth', selector: { matchLabels: { queue: 'a' } } };

const kinds: readonly Kind[] = [
  {
    what: 'of each pod',
    metric: {
      type: 'Pods',
      pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } },
    },
    path: `${custom}/pods/*/rps`,
    values: { a: '15', b: '15500m' },
    asked: `${custom}/pods/*/rps?labelSelector=app%3Dweb`,
    replicas: 4,
    current: { averageValue: '15250m' },
    named: 'pods metric rps',
  },
  {
    what: 'of an object',
    metric: {
      type: 'Object',
      object: {
        describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' },
        metric: { name: 'rps' },
        target: { type: 'Value', value: '100' },
      },
    },
    path: `${custom}/ingresses.networking.k8s.io/main/rps`,
    values: { main: '150' },
    asked: `${custom}/ingresses.networking.k8s.io/main/rps`,
    replicas: 3,
    current: { value: '150' },
    named: 'Ingress metric rps',
  },
  {
    what: 'of an object, shared out',
    metric: {
      type: 'Object',
      object: {
        describedObject: { apiVersion: 'v1', kind: 'Service', name: 'main' },
        metric: ofQueue,
        target: { type: 'AverageValue', averageValue: '100' },
      },
    },
    path: `${custom}/services/main/depth`,
    values: { main: '350' },
    asked: `${custom}/services/main/depth?metricLabelSelector=queue%3Da`,
    replicas: 4,
    current: { averageValue: '175' },
    named:
      'external metric depth(&LabelSelector{MatchLabels:map[string]string{queue: a,},MatchExpressions:[]LabelSelectorRequirement{},})',
  },
  {
    what: 'of something outside, all series together',
    metric: {
      type: 'External',
      external: { metric: ofQueue, target: { type: 'AverageValue', averageValue: '30' } },
    },
    path: `${external}/depth`,
    values: { one: '50', other: '40' },
    asked: `${external}/depth?labelSelector=queue%3Da`,
    replicas: 3,
    current: { averageValue: '45' },
    named:
      'external metric depth(&LabelSelector{MatchLabels:map[string]string{queue: a,},MatchExpressions:[]LabelSelectorRequirement{},})',
  },
  {
    what: 'of something outside',
    metric: {
      type: 'External',
      external: { metric: { name: 'depth' }, target: { type: 'Value', value: '30' } },
    },
    path: `${external}/depth`,
    values: { one: '60' },
    asked: `${external}/depth`,
    replicas: 4,
    current: { value: '60' },
    named: 'external metric depth(nil)',
  },
];

for (const { what, metric, path, values, asked, replicas, current, named } of kinds) {
  test(`a metric ${what} is asked for as an adapter answers it`, async () => {
    const { cluster, metrics } = await startShop();
    await using _ = cluster;
    metrics.measure(path, values);
    await addAutoscaler(cluster, { metrics: [metric] });
    const round = await afterRound(cluster);
    assert.equal(metrics.asked.at(-1), asked);
    assert.equal(round.replicas, replicas);
    const [{ type, ...status }] = round.metrics as [Readonly<Record<string, { current: unknown }>>];
    assert.deepEqual([type, Object.values(status)[0]?.current], [metric.type, current]);
    assert.equal(
      round.message,
      `the HPA was able to successfully calculate a replica count from ${named}`,
    );
  });
}

test('one container of each pod is measured alone', async () => {
  const { cluster, metrics } = await startShop();
  await using _ = cluster;
  metrics.use(namespace, { a: { memory: '3Gi' }, b: { memory: '1Gi' } });
  const target = { type: 'AverageValue', averageValue: '1Gi' };
  const of = (container: string): MetricSpec => ({
    type: 'ContainerResource',
    containerResource: { name: 'memory', container, target },
  });
  await addAutoscaler(cluster, { metrics: [of('main')] });
  const round = await afterRound(cluster);
  assert.equal(round.replicas, 4);
  assert.match(round.message, /from memory container resource$/);
  const merge = { spec: { metrics: [of('proxy')] } };
  await cluster.client.patch(HorizontalPodAutoscaler, 'web', { merge }, where);
  const failed = await afterRound(cluster);
  assert.equal(failed.reasons[1], 'FailedGetContainerResourceMetric');
  assert.match(failed.message, /container proxy not present in metrics for pod shop\/a$/);
});

test('a metric that cannot be had keeps others from scaling down, not from scaling up', async () => {
  const { cluster, metrics } = await startShop();
  await using _ = cluster;
  const missing: MetricSpec = {
    type: 'Pods',
    pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '1' } },
  };
  metrics.use(namespace, { a: { cpu: '10m' }, b: { cpu: '10m' } });
  await addAutoscaler(cluster, { metrics: [missing, cpu] });
  const kept = await afterRound(cluster);
  assert.equal(kept.replicas, 2);
  assert.deepEqual(kept.reasons, ['SucceededGetScale', 'FailedGetPodsMetric']);
  assert.equal(
    kept.message,
    'the HPA was unable to compute the replica count: unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
  );
  metrics.use(namespace, { a: { cpu: '900m' }, b: { cpu: '900m' } });
  assert.equal((await afterRound(cluster)).replicas, 4);
});

test('two autoscalers of the same pods leave them alone', async () => {
  const { cluster, metrics } = await startShop();
  await using _ = cluster;
  metrics.use(namespace, { a: { cpu: '900m' }, b: { cpu: '900m' } });
  const spec = { metrics: [cpu], minReplicas: 2, maxReplicas: 2 };
  await addAutoscaler(cluster, spec, 'one');
  await addAutoscaler(cluster, spec, 'other');
  await afterRound(cluster, 'one');
  const { reasons, message } = await afterRound(cluster, 'one');
  assert.ok(reasons.includes('AmbiguousSelector'), reasons.join());
  assert.equal(
    message,
    'pods by selector app=web are controlled by multiple HPAs: [{one shop} {other shop}]',
  );
});

test('rules and tolerances of a behavior hold from round to round', async () => {
  const { cluster, metrics } = await startShop();
  await using _ = cluster;
  metrics.use(namespace, { a: { cpu: '2' }, b: { cpu: '2' } });
  await addAutoscaler(cluster, {
    metrics: [cpu],
    behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
  });
  const replicas: (number | undefined)[] = [];
  for (let round = 0; round < 6; round++) replicas.push((await afterRound(cluster)).replicas);
  assert.deepEqual(replicas, [3, 3, 3, 3, 4, 4]);
});

test('whatever has a scale can be a target, and what has none says so', async () => {
  const { cluster, metrics } = await startShop();
  await using _ = cluster;
  const { client, server } = cluster;
  metrics.use(namespace, { a: { cpu: '900m' }, b: { cpu: '900m' } });
  const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status: spec } } };
  const scale = {
    specReplicasPath: '.spec.size',
    statusReplicasPath: '.status.size',
    labelSelectorPath: '.status.selector',
  };
  const served = { name: 'v1', served: true, storage: true, schema };
  await client.create(CustomResourceDefinition, {
    metadata: { name: 'fleets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'fleets', kind: 'Fleet' },
      versions: [{ ...served, subresources: { status: {}, scale } }],
    },
  });
  await server.clock.advance(1_000);
  interface FleetSpec {
    readonly size: number;
  }
  interface FleetStatus {
    readonly size: number;
    readonly selector: string;
  }
  const Fleet = defineKind<FleetSpec, FleetStatus>({
    group: 'example.com',
    version: 'v1',
    kind: 'Fleet',
    plural: 'fleets',
    isNamespaced: true,
  });
  const fleet = await client.create(Fleet, {
    metadata: { name: 'f', namespace },
    spec: { size: 2 },
  });
  await client
    .subresource(Fleet, 'f', 'status', where)
    .replace({ ...fleet, status: { size: 2, selector: 'app=web' } });
  const ref = { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'f' };
  await addAutoscaler(cluster, { metrics: [cpu], scaleTargetRef: ref }, 'fleet');
  await addAutoscaler(cluster, { scaleTargetRef: { ...ref, kind: 'Ship' } }, 'ship');
  await afterRound(cluster, 'fleet');
  assert.equal((await client.get(Fleet, 'f', where)).spec?.size, 4);
  const { status } = await client.get(HorizontalPodAutoscaler, 'ship', where);
  assert.equal(
    status?.conditions?.[0]?.message,
    `the HPA controller was unable to get the target's current scale: no matches for kind "Ship" in group "example.com"`,
  );
});
