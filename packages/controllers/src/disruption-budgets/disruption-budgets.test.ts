import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import { Event, Pod } from '@fairway/kinds/core/v1';
import { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import { disruptionAllowed, podCondition } from '@fairway/kind-rules/pods';
import { formatTime } from '@fairway/protocol';
import {
  type RunningCluster,
  startRunningCluster,
  addNamespace,
} from '../../test/running-cluster.ts';

const namespace = 'shop';
const image = 'web:1';

async function addPod(
  { client, server }: RunningCluster,
  name: string,
  owner?: { readonly kind: string; readonly uid: string },
): Promise<void> {
  const ownerReferences =
    owner === undefined
      ? []
      : [{ apiVersion: 'example.com/v1', name: 'fleet', controller: true, ...owner }];
  const metadata = { name, namespace, labels: { app: 'web' }, ownerReferences };
  const pod = await client.create(Pod, {
    metadata,
    spec: { nodeName: 'n1', containers: [{ name: 'main', image }] },
  });
  const lastTransitionTime = formatTime(server.clock.now());
  const ready = { type: 'Ready', status: 'True', lastTransitionTime };
  const status = { ...pod.status, phase: 'Running', conditions: [ready] } as const;
  await client.subresource<Pod>(Pod, name, 'status', { namespace }).replace({ ...pod, status });
}

async function addBudget({ client }: RunningCluster, spec: object): Promise<void> {
  const selector = { matchLabels: { app: 'web' } };
  await client.create(PodDisruptionBudget, {
    metadata: { name: 'web', namespace },
    spec: { selector, ...spec },
  });
}

async function start(): Promise<RunningCluster> {
  const cluster = await startRunningCluster({ controllers: ['disruption-controller'] });
  await addNamespace(cluster.client, namespace);
  return cluster;
}

test('an eviction that nothing came of is forgotten after two minutes', async () => {
  await using cluster = await start();
  const { client, server, until } = cluster;
  const status = async (): Promise<PodDisruptionBudget['status']> =>
    (await client.get(PodDisruptionBudget, 'web', { namespace })).status;
  await addPod(cluster, 'web-0');
  await addPod(cluster, 'web-1');
  await addBudget(cluster, { minAvailable: 1 });
  await until('a count', async () => (await status())?.disruptionsAllowed === 1);
  // As an eviction notes it whose deletion was lost.
  const evicted = { 'web-0': formatTime(server.clock.now()) };
  const change = { status: { disruptionsAllowed: 0, disruptedPods: evicted } };
  const part = client.subresource(PodDisruptionBudget, 'web', 'status', { namespace });
  await part.patch({ merge: change });
  const target = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };
  const lastTransitionTime = formatTime(server.clock.now());
  await client
    .subresource(Pod, 'web-0', 'status', { namespace })
    .patch({ strategic: { status: { conditions: [{ ...target, lastTransitionTime }] } } });
  await until('one healthy pod less', async () => (await status())?.currentHealthy === 1);
  await server.clock.advance(110_000);
  assert.deepEqual((await status())?.disruptedPods, evicted);
  await until('it counts again', async () => (await status())?.disruptionsAllowed === 1);
  assert.equal((await status())?.disruptedPods, undefined);
  await until('the pod stays', async () => {
    const pod = await client.get(Pod, 'web-0', { namespace });
    return podCondition(pod, 'DisruptionTarget')?.status === 'False';
  });
  const { items } = await client.list(Event, { namespace }).all();
  const told = items.find(({ reason }) => reason === 'NotDeleted');
  assert.equal(told?.message, "Pod was expected by PDB shop/web to be deleted but it wasn't");
});

test('a share is one of what owners want, and owners without a scale let nothing go', async () => {
  await using cluster = await start();
  const { client, server, until } = cluster;
  const names = { kind: 'Fleet', plural: 'fleets', singular: 'fleet', listKind: 'FleetList' };
  const schema = {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { replicas: { type: 'integer' } } },
      status: { type: 'object', properties: { replicas: { type: 'integer' } } },
    },
  } as const;
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } };
  await client.create(CustomResourceDefinition, {
    metadata: { name: 'fleets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version] },
  });
  const path = `/apis/example.com/v1/namespaces/${namespace}/fleets`;
  const body = {
    apiVersion: 'example.com/v1',
    kind: 'Fleet',
    metadata: { name: 'fleet' },
    spec: { replicas: 10 },
  };
  await until('the definition', async () => (await server.request('GET', path)).status === 200);
  const { json } = await server.expect(201, 'POST', path, { body });
  for (const name of ['web-0', 'web-1', 'web-2', 'web-3']) {
    await addPod(cluster, name, { kind: 'Fleet', uid: json.metadata.uid ?? '' });
  }
  await addBudget(cluster, { minAvailable: '25%' });
  const budget = (): Promise<PodDisruptionBudget> =>
    client.get(PodDisruptionBudget, 'web', { namespace });
  await until('a failure', async () => {
    const { status = {} } = await budget();
    const said = disruptionAllowed(status);
    return (
      said?.reason === 'SyncFailed' &&
      said.message === 'fleets.example.com does not implement the scale subresource' &&
      status.disruptionsAllowed === 0
    );
  });
  const versions = [{ ...version, subresources: { scale, status: {} } }];
  await client.patch(CustomResourceDefinition, 'fleets.example.com', {
    merge: { spec: { versions } },
  });
  await until('a count', async () => {
    const { status } = await budget();
    return status?.expectedPods === 10 && status.desiredHealthy === 3;
  });
  assert.equal((await budget()).status?.disruptionsAllowed, 1);
});
