import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ConfigMap, Pod, Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { commandLine } from '../packages/cli/test/command-line.ts';
import { fairwayCommand, startProgram } from './fairway-process.ts';
import { openCluster } from './open-cluster.ts';

const canMount = await promisify(execFile)('unshare', ['--mount', 'true']).then(
  () => true,
  () => false,
);
const skip = canMount || process.env['CI'] ? false : 'this user may not unshare mounts';

const script = `
echo "$GREETING $HOSTNAME"
cat /config/color /config/secret/key /etc/fairway-test.conf
cut -d. -f2 /vault/token
cat /vault/name
cut -d. -f2 /var/run/secrets/kubernetes.io/serviceaccount/token
touch /scratch/written && ls /scratch
touch /config/x 2>/dev/null || echo refused`;

const pod: Pod = {
  metadata: { name: 'shop-1' },
  spec: {
    serviceAccountName: 'robot',
    containers: [
      {
        name: 'main',
        image: 'shop:1',
        command: ['sh', '-c', script],
        env: [
          { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
          { name: 'GREETING', value: 'a $(COLOR) shop' },
        ],
        volumeMounts: [
          { name: 'settings', mountPath: '/config' },
          { name: 'keys', mountPath: '/config/secret' },
          { name: 'settings', mountPath: '/etc/fairway-test.conf', subPath: 'conf' },
          { name: 'mixed', mountPath: '/vault' },
          { name: 'scratch', mountPath: '/scratch' },
          { name: 'data', mountPath: '/var/lib/data' },
        ],
      },
      { name: 'other', image: 'other:1' },
    ],
    volumes: [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'keys', secret: { secretName: 'keys' } },
      { name: 'scratch', emptyDir: {} },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      {
        name: 'mixed',
        projected: {
          sources: [
            { serviceAccountToken: { path: 'token', audience: 'vault' } },
            {
              downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] },
            },
          ],
        },
      },
    ],
  },
};

test('fairway run --as-pod has what a container of the pod has', { skip }, async () => {
  await using open = await openCluster();
  const { admin, cluster } = open;
  await admin.create(ServiceAccount, { metadata: { name: 'robot' } });
  await admin.create(ConfigMap, {
    metadata: { name: 'settings' },
    data: { color: 'blue', conf: '[conf]' },
  });
  await admin.create(Secret, { metadata: { name: 'keys' }, stringData: { key: 's3cret' } });
  await admin.create(Pod, pod);
  await using program = startProgram([...fairwayCommand, 'run', '--as-pod=default/shop-1'], {
    environment: { KUBECONFIG: cluster.kubeconfig },
  });
  const { output, exitCode } = await program.ended;
  assert.equal(exitCode, 0, output);
  assert.match(output, /has not, of the pod:\n {2}the files of its image shop:1\n/);
  assert.match(
    output,
    /\/var\/lib\/data: volume data \(persistentVolumeClaim\) is on its node only/,
  );
  assert.match(output, /^a blue shop shop-1\nblues3cret\[conf\]/m);
  assert.match(output, /shop-1.*\nwritten\nrefused\n$/);
  const claims = [...output.matchAll(/^(?:blues3cret\[conf\]|shop-1)?(eyJ\S+)$/gm)].map(
    ([, text = '']) =>
      JSON.parse(Buffer.from(text, 'base64url').toString()) as {
        aud: string[];
        sub: string;
        'kubernetes.io': { pod?: { name: string } };
      },
  );
  assert.deepEqual(
    claims.map((each) => [each.sub, each.aud.includes('vault'), each['kubernetes.io'].pod?.name]),
    [
      ['system:serviceaccount:default:robot', true, 'shop-1'],
      ['system:serviceaccount:default:robot', false, 'shop-1'],
    ],
  );
  const cases: [readonly string[], RegExp][] = [
    [['--as-pod=shop-1', '--container=other'], /no command of its own.*write a program after --/],
    [['--as-pod=shop-1', '--container=third'], /no container "third"; it has main, other/],
    [['--as-pod=gone', '--', 'true'], /pods "gone" not found; see which there are/],
    [['--as-pod=shop-1', '--service-account=robot', '--', 'true'], /leave out --service-account/],
  ];
  // What is refused starts nothing.
  const { run: refuse } = commandLine(open.directory, {
    KUBECONFIG: cluster.kubeconfig,
    PATH: process.env['PATH'] ?? '',
  });
  for (const [words, message] of cases) assert.match((await refuse('run', ...words)).err, message);
  await admin.delete(ConfigMap, 'settings');
  const { err } = await refuse('run', '--as-pod=shop-1');
  assert.match(err, /pod default\/shop-1: configmap "settings" not found; add it/);
});
