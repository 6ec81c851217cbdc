import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ConfigMap, Namespace, ServiceAccount } from '@fairway/kinds/core/v1';
import { RoleBinding } from '@fairway/kinds/rbac/v1';
import { fairwayCommand, type RunningProgram, startProgram } from './fairway-process.ts';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

const run = promisify(execFile);
const succeeds = (file: string, words: readonly string[]): Promise<boolean> =>
  run(file, [...words]).then(
    () => true,
    () => false,
  );

/** A Python that has the client of Kubernetes: Debian's, where another one comes first on the path. */
async function findPython(): Promise<string | undefined> {
  for (const file of ['python3', '/usr/bin/python3']) {
    if (await succeeds(file, ['-c', 'import kubernetes'])) return file;
  }
  return undefined;
}

const python = await findPython();
/** Why tests of this file are skipped; in CI they are not, and fail. */
const skip = process.env['CI']
  ? false
  : (await skipWithoutKubectl()) ||
    ((await succeeds('unshare', ['--mount', 'true'])) ? false : 'this user may not unshare mounts');

const pythonProgram = `
from kubernetes import client, config
config.load_incluster_config()
try:
    print(*(each.metadata.name for each in client.CoreV1Api().list_namespaced_config_map("shop").items))
except client.exceptions.ApiException as error:
    print(error.status, error.reason, error.body)
`;

/** Programs that list the config maps of the namespace, and what each says to 401. */
const programs = [
  {
    name: 'fairway',
    words: [...fairwayCommand, 'get', 'configmaps', '-o', 'name'],
    unauthorized: 'error: You must be logged in to the server (Unauthorized)',
  },
  {
    name: 'kubectl',
    words: ['kubectl', 'get', 'configmaps', '-o', 'name'],
    unauthorized: 'error: You must be logged in to the server (Unauthorized)',
  },
  {
    name: 'python3-kubernetes',
    words: [python ?? 'python3', '-c', pythonProgram],
    unauthorized: '401 Unauthorized',
  },
];

test(
  'a program in the cluster: unknown rights, granted rights, no account',
  { skip },
  async (t) => {
    await using open = await openCluster();
    const { admin, cluster } = open;
    await admin.create(Namespace, { metadata: { name: 'shop' } });
    await admin.create(ConfigMap, { metadata: { name: 'prices', namespace: 'shop' } });
    for (const { name, words, unauthorized } of programs) {
      const missing = name.startsWith('python') && python === undefined && !process.env['CI'];
      await t.test(name, { skip: missing && 'python3-kubernetes is not installed' }, async () => {
        await admin.create(ServiceAccount, { metadata: { name: 'robot', namespace: 'shop' } });
        const runs = [
          ...fairwayCommand,
          'run',
          '--service-account=shop/robot',
          '--',
          'sh',
          '-c',
        ] as const;
        const start = (script: string): RunningProgram =>
          startProgram([...runs, script, 'sh', ...words], {
            environment: { KUBECONFIG: cluster.kubeconfig },
          });
        // One program through all of it: it asks when it is told to.
        await using program = start('while read line; do "$@"; echo "[$line]"; done');
        const ask = async (line: string): Promise<string> => {
          program.child.stdin?.write(`${line}\n`);
          return program.until(`[${line}]`);
        };
        const refusal =
          'configmaps is forbidden: User \\"system:serviceaccount:shop:robot\\" cannot list resource \\"configmaps\\" in API group \\"\\" in the namespace \\"shop\\"';
        const plain = (text: string): string => text.replaceAll('\\"', '"');
        assert.ok(plain(await ask('first')).includes(plain(refusal)), await ask('once more'));
        await admin.create(RoleBinding, {
          metadata: { name: 'robot', namespace: 'shop' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
          subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'shop' }],
        });
        assert.match(await ask('second'), /\bprices\b/);
        await admin.delete(ServiceAccount, 'robot', { namespace: 'shop' });
        const output = await ask('third');
        const last = output.slice(output.indexOf('[second]'));
        assert.ok(last.includes(unauthorized), last);
        await admin.delete(RoleBinding, 'robot', { namespace: 'shop' });
      });
    }
  },
);

test('docs/guides/in-cluster.md says what happens', { skip }, async () => {
  await using open = await openCluster();
  await runGuide('in-cluster', open.directory);
});
