import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Pod } from '@fairway/kinds/core/v1';
import { ApiError, type ObjectDraft } from '@fairway/protocol';

import { admitDefaultIngressClass } from './default-ingress-class.ts';
import { admitDefaultStorageClass } from './default-storage-class.ts';
import { admitDefaultTolerations } from './default-toleration-seconds.ts';
import { checkMountableSecrets } from './mountable-secrets.ts';
import { admitPriority, checkSingleDefault } from './priority.ts';
import { admitRuntimeClass, checkOverhead } from './runtime-class.ts';
import { admitServiceAccount } from './service-account-admission.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const nameSuffix = () => 'abcde';

function newPod(spec: ObjectDraft<Pod>['spec'] = {}): ObjectDraft<Pod> {
  return {
    metadata: { name: 'p', namespace: 'd' },
    spec: { containers: [{ name: 'c' }], ...spec },
  };
}

test('admitServiceAccount mounts one token in every container but where something is mounted', () => {
  const own = { name: 'own', mountPath };
  const pod = newPod({
    initContainers: [{ name: 'i' }],
    containers: [{ name: 'c' }, { name: 'd', volumeMounts: [own] }],
  });
  const account = { imagePullSecrets: [{ name: 'pull' }] };
  admitServiceAccount(pod, { account, nameSuffix });
  const token = { name: 'kube-api-access-abcde', readOnly: true, mountPath };
  assert.deepEqual(pod.spec?.initContainers?.[0]?.volumeMounts, [token]);
  assert.deepEqual(pod.spec?.containers?.[0]?.volumeMounts, [token]);
  assert.deepEqual(pod.spec?.containers?.[1]?.volumeMounts, [own]);
  assert.deepEqual(
    pod.spec?.volumes?.map((volume) => volume.name),
    ['kube-api-access-abcde'],
  );
  assert.deepEqual(pod.spec?.imagePullSecrets, [{ name: 'pull' }]);
  assert.equal(pod.spec?.serviceAccountName, 'default');
});

test('admitServiceAccount lets the pod decide about the token before the account', () => {
  const refusing = newPod({ automountServiceAccountToken: false });
  admitServiceAccount(refusing, { account: { automountServiceAccountToken: true }, nameSuffix });
  assert.equal(refusing.spec?.volumes, undefined);
  const asking = newPod({ automountServiceAccountToken: true });
  admitServiceAccount(asking, { account: { automountServiceAccountToken: false }, nameSuffix });
  assert.equal(asking.spec?.volumes?.length, 1);
  const silent = newPod();
  admitServiceAccount(silent, { account: { automountServiceAccountToken: false }, nameSuffix });
  assert.equal(silent.spec?.volumes, undefined);
});

test('admitServiceAccount refuses an account that does not exist', () => {
  assert.throws(
    () => admitServiceAccount(newPod(), { account: undefined, nameSuffix }),
    (error: unknown) =>
      error instanceof ApiError &&
      error.code === 403 &&
      error.message ===
        'pods "p" is forbidden: error looking up service account d/default: serviceaccount "default" not found',
  );
});

test('admitServiceAccount refuses a mirror pod that wants something of the API', () => {
  const token = { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } };
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ serviceAccountName: 'a' }, /may not reference service accounts/],
    [{ volumes: [{ name: 'v', secret: {} }] }, /may not reference secrets/],
    [{ volumes: [token] }, /may not use ServiceAccountToken volume projections/],
  ];
  for (const [spec, message] of refusals) {
    const mirror = newPod(spec);
    mirror.metadata = { name: 'p', annotations: { 'kubernetes.io/config.mirror': 'x' } };
    const facts = { account: undefined, nameSuffix };
    assert.throws(() => admitServiceAccount(mirror, facts), message);
  }
});

test('admitServiceAccount looks eight times for a free name of the volume', () => {
  let tries = 0;
  const pod = newPod({ volumes: [{ name: 'kube-api-access' }] });
  const always = (): string => {
    tries++;
    pod.spec?.volumes?.push({ name: 'kube-api-access-xxxxx' });
    return 'xxxxx';
  };
  admitServiceAccount(pod, { account: {}, nameSuffix: always });
  assert.equal(tries, 8);
});

test('admitDefaultTolerations adds what the pod does not tolerate itself', () => {
  const pod = newPod({
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
  });
  admitDefaultTolerations(pod);
  assert.deepEqual(
    pod.spec?.tolerations?.map((toleration) => toleration.key),
    ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'],
  );
  const all = newPod({ tolerations: [{ operator: 'Exists' }] });
  admitDefaultTolerations(all);
  assert.equal(all.spec?.tolerations?.length, 1);
});

const classes = [
  { metadata: { name: 'high' }, value: 10, globalDefault: true },
  { metadata: { name: 'low' }, value: 5, globalDefault: true, preemptionPolicy: 'Never' as const },
];

test('admitPriority resolves the class, or the lowest default', () => {
  const named = newPod({ priorityClassName: 'high' });
  admitPriority(named, { classes });
  assert.equal(named.spec?.priority, 10);
  const unnamed = newPod();
  admitPriority(unnamed, { classes });
  assert.equal(unnamed.spec?.priorityClassName, 'low');
  assert.equal(unnamed.spec?.preemptionPolicy, 'Never');
});

test('admitPriority refuses unknown classes and other numbers', () => {
  assert.throws(() => admitPriority(newPod({ priorityClassName: 'none' }), { classes }), {
    message: 'pods "p" is forbidden: no PriorityClass with name none was found',
  });
  assert.throws(() => admitPriority(newPod({ priority: 7 }), { classes: [] }), {
    message:
      'pods "p" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
  });
});

test('admitPriority refuses another preemption than that of the class', () => {
  const pod = newPod({ priorityClassName: 'low', preemptionPolicy: 'PreemptLowerPriority' });
  assert.throws(() => admitPriority(pod, { classes }), {
    message:
      'pods "p" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
  });
});

test('checkSingleDefault lets one class only be the default', () => {
  const second = { metadata: { name: 'second' }, globalDefault: true };
  assert.throws(() => checkSingleDefault(second, { classes }), /high is already marked as default/);
  checkSingleDefault(second, { classes: [] });
});

test('admitDefaultStorageClass and admitDefaultIngressClass pick the newest default', () => {
  const annotationsOf = (key: string) => ({ annotations: { [key]: 'true' } });
  const storage = 'storageclass.kubernetes.io/is-default-class';
  const claim = { spec: {} } as Parameters<typeof admitDefaultStorageClass>[0];
  admitDefaultStorageClass(claim, {
    classes: [
      {
        provisioner: 'p',
        metadata: {
          name: 'old',
          creationTimestamp: '2026-01-01T00:00:00Z',
          ...annotationsOf(storage),
        },
      },
      {
        provisioner: 'p',
        metadata: {
          name: 'new',
          creationTimestamp: '2026-02-01T00:00:00Z',
          ...annotationsOf(storage),
        },
      },
      { provisioner: 'p', metadata: { name: 'other', creationTimestamp: '2026-03-01T00:00:00Z' } },
    ],
  });
  assert.equal(claim.spec?.storageClassName, 'new');
  const none = { spec: { storageClassName: '' } };
  admitDefaultStorageClass(none, { classes: [] });
  assert.equal(none.spec.storageClassName, '');
  const ingress = { spec: {} } as Parameters<typeof admitDefaultIngressClass>[0];
  const key = 'ingressclass.kubernetes.io/is-default-class';
  admitDefaultIngressClass(ingress, {
    classes: [{ metadata: { name: 'a', ...annotationsOf(key) } }],
  });
  assert.equal(ingress.spec?.ingressClassName, 'a');
});

const cluster = { metadata: { name: 'c' }, handler: 'h' };

test('admitRuntimeClass gives a pod the overhead, nodes and tolerations of its class', () => {
  const pod = newPod({
    nodeSelector: { a: 'b' },
    tolerations: [
      { key: 'x', operator: 'Equal', value: '1', effect: 'NoSchedule' },
      { key: 'y', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
    ],
  });
  admitRuntimeClass(pod, {
    ...cluster,
    overhead: { podFixed: { cpu: '1' } },
    scheduling: {
      nodeSelector: { c: 'd' },
      tolerations: [
        { key: 'x', operator: 'Exists' },
        { key: 'y', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 },
      ],
    },
  });
  assert.deepEqual(pod.spec?.overhead, { cpu: '1' });
  assert.deepEqual(pod.spec?.nodeSelector, { a: 'b', c: 'd' });
  assert.deepEqual(pod.spec?.tolerations, [
    { key: 'y', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 },
    { key: 'x', operator: 'Exists' },
  ]);
});

test('admitRuntimeClass and checkOverhead refuse what the class does not say', () => {
  const withOverhead = { ...cluster, overhead: { podFixed: { cpu: '1' } } };
  const other = newPod({ overhead: { cpu: '2' } });
  const mismatch = /pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead/;
  assert.throws(() => admitRuntimeClass(other, withOverhead), mismatch);
  assert.throws(() => checkOverhead(other as Pod, withOverhead), mismatch);
  assert.throws(() => checkOverhead(newPod() as Pod, withOverhead), mismatch);
  const without =
    /pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead/;
  assert.throws(() => checkOverhead(other as Pod, undefined), without);
  assert.throws(() => checkOverhead(other as Pod, cluster), without);
  const elsewhere = newPod({ nodeSelector: { a: 'b' } });
  assert.throws(
    () => admitRuntimeClass(elsewhere, { ...cluster, scheduling: { nodeSelector: { a: 'c' } } }),
    /conflict: runtimeClass.scheduling.nodeSelector\[a\] = c; pod.spec.nodeSelector\[a\] = b/,
  );
});

test('checkMountableSecrets keeps a pod to the secrets of an account that asks for it', () => {
  const account = {
    metadata: { name: 'a', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
    secrets: [{ name: 'mine' }],
    imagePullSecrets: [{ name: 'pull' }],
  };
  const env = (name: string) => [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }];
  const refused: readonly (readonly [ObjectDraft<Pod>['spec'], RegExp | undefined])[] = [
    [{ volumes: [{ name: 'v', secret: { secretName: 'mine' } }] }, undefined],
    [
      { volumes: [{ name: 'v', secret: { secretName: 'other' } }] },
      /volume with secret.secretName="other" is not allowed because service account a does not reference that secret/,
    ],
    [
      { initContainers: [{ name: 'i', env: env('other') }] },
      /: init container i with envVar E referencing secret.secretName="other" is not allowed/,
    ],
    [{ containers: [{ name: 'c', env: env('mine') }] }, undefined],
    [{ containers: [{ name: 'c', env: env('other') }] }, /: container c with envVar E referencing/],
    [{ imagePullSecrets: [{ name: 'pull' }] }, undefined],
    [
      { imagePullSecrets: [{ name: 'mine' }] },
      /imagePullSecrets\[0\].name="mine" is not allowed because service account a does not reference that imagePullSecret/,
    ],
  ];
  for (const [spec, why] of refused) {
    const check = () => checkMountableSecrets(newPod(spec) as Pod, account);
    if (why === undefined) check();
    else assert.throws(check, why);
    checkMountableSecrets(newPod(spec) as Pod, { ...account, metadata: { name: 'a' } });
  }
});
