import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Namespace, Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { ClusterRoleBinding } from '@fairway/kinds/rbac/v1';
import { until } from '@fairway/node-agent/testing';
import { fairwayCommand } from './fairway-process.ts';
import type { RealCluster } from './real-cluster.ts';

const root = join(import.meta.dirname, '..');
const namespace = 'shop';
const path = '/api/v1/namespaces/shop/pods';

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

function curl(flags: string): string {
  return `files=/var/run/secrets/kubernetes.io/serviceaccount
curl -sS -w ' %{http_code}' --cacert $files/ca.crt ${flags} https://kubernetes.default.svc${path}`;
}

/** Programs that ask the API for pods, each as its users write it, and what they say when they may. */
const programs = [
  {
    name: 'curl',
    script: curl('-H "Authorization: Bearer $(cat $files/token)"'),
    answer: /"kind": "PodList"[^]* 200$/,
  },
  {
    name: 'curl that asks a sidecar, and knows of nothing else',
    script: `env -i /usr/bin/curl -sS -w ' %{http_code}' http://localhost:8001${path}`,
    answer: /"kind": "PodList"[^]* 200$/,
  },
  {
    name: 'kubectl',
    script: 'kubectl get pods -o name',
    answer: /^pod\/programs$/m,
  },
  {
    name: 'a program in TypeScript',
    script: quoted([...fairwayCommand.slice(0, -1), join(root, 'examples/count-pods.ts')]),
    answer: /^There are \d+ pods in the cluster$/m,
  },
  {
    name: 'python3-kubernetes',
    script: `/usr/bin/python3 -c '
from kubernetes import client, config
config.load_incluster_config()
print(*(each.metadata.name for each in client.CoreV1Api().list_namespaced_pod("shop").items))'`,
    answer: /^programs$/m,
  },
];

const refused = (user: string): RegExp =>
  new RegExp(
    `pods is forbidden: User "${user}" cannot list resource "pods" in API group "" (in the namespace "shop"|at the cluster scope)`,
  );

/** What programs of a pod get of the API: nobody's, without rights, and with rights. */
export async function programsReachApi(t: TestContext, cluster: RealCluster): Promise<void> {
  const { admin, output } = cluster;
  await admin.create(Namespace, { metadata: { name: namespace } });
  await admin.waitFor(ServiceAccount, 'default', (account) => account !== undefined, { namespace });
  await admin.create(Pod, podOfPrograms);
  await admin.waitFor(Pod, 'programs', { condition: 'Ready' }, { namespace });
  const pod = ['-n', namespace, 'programs', '-c'];
  const run = async (script: string): Promise<string> => {
    const said = await output(
      'exec',
      ...pod,
      'main',
      '--',
      'sh',
      '-c',
      `{ ${script}\n} 2>&1 || true`,
    );
    return said.replaceAll('\\"', '"');
  };
  await until('the sidecar listens', async () =>
    (await output('logs', ...pod, 'ambassador')).includes(':8001') ? true : undefined,
  );
  assert.match(await run(curl('')), refused('system:anonymous'));
  const lacks = (await run('/usr/bin/python3 -c "import kubernetes"')) !== '';
  const skipOf = (name: string): string | false =>
    lacks && name.startsWith('python') && !process.env['CI']
      ? 'python3-kubernetes is not installed'
      : false;
  for (const { name, script } of programs) {
    await t.test(`${name}, without rights`, { skip: skipOf(name) }, async () => {
      assert.match(await run(script), refused('system:serviceaccount:shop:default'));
    });
  }
  await admin.create(ClusterRoleBinding, {
    metadata: { name: 'programs' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
  });
  for (const { name, script, answer } of programs) {
    await t.test(`${name}, with rights`, { skip: skipOf(name) }, async () => {
      assert.match(await run(script), answer);
    });
  }
}

/** The programs of this machine, this repository among them. */
const podOfPrograms: Pod = {
  metadata: { name: 'programs', namespace },
  spec: {
    terminationGracePeriodSeconds: 0,
    volumes: [{ name: 'repository', hostPath: { path: root, type: 'Directory' } }],
    containers: [
      { name: 'main', command: ['sleep', 'inf'] },
      { name: 'ambassador', command: [...fairwayCommand, 'proxy'] },
    ].map((container) => ({
      ...container,
      image: 'host',
      volumeMounts: [{ name: 'repository', mountPath: root, readOnly: true }],
    })),
  },
};
