import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { requestToken } from '@fairway/client';
import { ConfigMap, Event, Namespace, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { ClusterRole, ClusterRoleBinding } from '@fairway/kinds/rbac/v1';
import { type OpenCluster, openCluster } from './open-cluster.ts';
import { runExample } from './run-example.ts';

const pod = (name: string): Pod => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
});

test('examples/out-of-cluster.ts finds the cluster by KUBECONFIG and counts its pods', async () => {
  await using open = await openCluster();
  await defaultAccount(open);
  await open.admin.create(Pod, pod('web'));
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  await using example = runExample('examples/out-of-cluster.ts', { environment });
  assert.equal(await example.nextLine(/pods/), 'There are 1 pods in the cluster');
});

test('examples/watch-pods.ts sees pods that exist, come and go', async () => {
  await using open = await openCluster();
  await defaultAccount(open);
  await open.admin.create(Pod, pod('first'));
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  await using example = runExample('examples/watch-pods.ts', { environment });
  assert.equal(await example.nextLine(/first/), 'added default/first Pending');
  await open.admin.create(Pod, pod('second'));
  assert.equal(await example.nextLine(/second/), 'added default/second Pending');
  await open.admin.delete(Pod, 'second');
  assert.equal(await example.nextLine(/deleted/), 'deleted default/second Pending');
});

test('examples/in-cluster.ts finds the cluster by its service account, and lists once it may', async () => {
  await using open = await openCluster();
  await defaultAccount(open);
  await open.admin.create(Pod, pod('web'));
  const folder = await serviceAccountFolder(open);
  const { hostname, port } = new URL(open.cluster.url);
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  await using example = runExample('examples/in-cluster.ts', {
    environment,
    arguments: [folder, '0.2'],
  });
  assert.match(
    await example.nextLine(/pods/),
    /pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" at the cluster scope/,
  );
  await allowListingPods(open);
  assert.equal(await example.nextLine(/There are/), 'There are 1 pods in the cluster');
});

/** The account that every namespace gets from a controller, a moment after the namespace. */
async function defaultAccount({ admin }: OpenCluster): Promise<void> {
  await admin.waitFor(ServiceAccount, 'default', (account) => account !== undefined, {
    timeoutMs: 10_000,
  });
}

/** What a kubelet puts into a pod: `token`, `ca.crt`, `namespace`. */
async function serviceAccountFolder({ admin, directory }: OpenCluster): Promise<string> {
  const folder = join(directory, 'serviceaccount');
  await mkdir(folder);
  const issued = await requestToken(admin, 'default', { expirationSeconds: 600 });
  const root = await admin.get(ConfigMap, 'kube-root-ca.crt');
  await writeFile(join(folder, 'token'), issued.token);
  await writeFile(join(folder, 'ca.crt'), root.data?.['ca.crt'] ?? '');
  await writeFile(join(folder, 'namespace'), 'default');
  assert.notEqual((await readFile(join(folder, 'token'))).length, 0);
  return folder;
}

async function allowListingPods({ admin }: OpenCluster): Promise<void> {
  await admin.create(ClusterRole, {
    metadata: { name: 'pod-counter' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
  });
  await admin.create(ClusterRoleBinding, {
    metadata: { name: 'pod-counter' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'pod-counter' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
  });
}

test('examples/count-pods.ts counts once and ends', async () => {
  await using open = await openCluster();
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  await using example = runExample('examples/count-pods.ts', { environment });
  assert.equal(await example.nextLine(/pods/), 'There are 0 pods in the cluster');
  await assert.rejects(example.nextLine(/pods/), /ended without a line/);
});

test('examples/informer.ts holds what is there and tells what changes', async () => {
  await using open = await openCluster();
  const metadata = { name: 'web', labels: { app: 'web' } };
  await open.admin.create(ConfigMap, { metadata });
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  await using example = runExample('examples/informer.ts', { environment });
  assert.match(await example.nextLine(/config maps/), /1 of app web/);
  await open.admin.create(ConfigMap, { metadata: { name: 'later' } });
  assert.equal(await example.nextLine(/later/), 'added default/later');
  await open.admin.delete(ConfigMap, 'web');
  assert.equal(await example.nextLine(/deleted/), 'deleted default/web');
});

test('examples/controller.ts gives a namespace its config map, and brings it back', async () => {
  await using open = await openCluster();
  await open.admin.create(Namespace, { metadata: { name: 'shop', labels: { team: 'blue' } } });
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  await using example = runExample('examples/controller.ts', { environment });
  assert.equal(await example.nextLine(/belongs/), 'shop belongs to blue');
  await open.admin.delete(ConfigMap, 'team', { namespace: 'shop' });
  assert.equal(await example.nextLine(/belongs/), 'shop belongs to blue');
  const { items } = await open.admin.list(Event, { fieldSelector: 'reason=TeamNamed' }).all();
  assert.deepEqual(
    items.map(({ involvedObject, source }) => [involvedObject.name, source?.component]),
    [['shop', 'teams']],
  );
});

test('examples/custom-resource.ts defines a kind and uses it, as often as it is run', async () => {
  await using open = await openCluster();
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  for (let run = 0; run < 2; run++) {
    await using example = runExample('examples/custom-resource.ts', { environment });
    assert.equal(await example.nextLine(/argo/), 'argo lies in Iolcus');
  }
});

test('examples/exec.ts and port-forward.ts say that a pod is on no node yet', async () => {
  await using open = await openCluster();
  await defaultAccount(open);
  await open.admin.create(Pod, pod('web'));
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  await using exec = runExample('examples/exec.ts', {
    environment,
    arguments: ['web', '--', 'ls'],
  });
  await assert.rejects(exec.nextLine(/./), /pod web does not have a host assigned/);
  await using forward = runExample('examples/port-forward.ts', {
    environment,
    arguments: ['web', '80'],
  });
  await assert.rejects(forward.nextLine(/nothing/), /pod web does not have a host assigned/);
});

test('examples/apply.ts applies, and says who is in the way', async () => {
  await using open = await openCluster();
  const environment = { KUBECONFIG: open.cluster.kubeconfig };
  for (let run = 0; run < 2; run++) {
    await using example = runExample('examples/apply.ts', { environment });
    assert.match(await example.nextLine(/./), /^applied at version \d+$/);
  }
  const tides = { metadata: { name: 'tides' }, data: { high: '07:00' } };
  await open.admin.apply(ConfigMap, tides, { fieldManager: 'other', force: true });
  await using example = runExample('examples/apply.ts', { environment });
  assert.match(await example.nextLine(/./), /conflict with "other".*\.data\.high/);
});
