import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod } from '@fairway/kinds/core/v1';
import type { PodSources } from '../sources/pod-sources.ts';
import { containerEnvironment } from './container-environment.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const sources: PodSources = {
  configMap: async (name) =>
    name === 'settings' ? { data: { COLOR: 'blue', SIZE: 'm' } } : undefined,
  secret: async (name) => (name === 'keys' ? { data: { KEY: base64('s3cret') } } : undefined),
  services: async () => [
    {
      metadata: { name: 'web', namespace: 'shop' },
      spec: { clusterIP: '10.0.0.7', ports: [{ port: 80 }] },
    },
    { metadata: { name: 'other', namespace: 'else' }, spec: { clusterIP: '10.0.0.8' } },
    {
      metadata: { name: 'kubernetes', namespace: 'default' },
      spec: { clusterIP: '10.0.0.1', ports: [{ port: 443, name: 'https' }] },
    },
  ],
};
const pod: Pod = {
  metadata: {
    name: 'shop-1',
    namespace: 'shop',
    uid: 'u',
    labels: { app: 'shop' },
    annotations: { 'a/b': 'c' },
  },
  spec: { nodeName: 'n1', serviceAccountName: 'robot', containers: [] },
  status: { podIP: '10.1.0.2', podIPs: [{ ip: '10.1.0.2' }, { ip: 'fd00::2' }] },
};
const container = (parts: Partial<Container>): Container => ({
  name: 'main',
  image: 'shop',
  ...parts,
});

test('containerEnvironment() lays env over envFrom over services, and expands', async () => {
  const { variables, command, args } = await containerEnvironment(
    pod,
    container({
      envFrom: [
        { configMapRef: { name: 'settings' } },
        { prefix: 'S_', secretRef: { name: 'keys' } },
        { configMapRef: { name: 'absent', optional: true } },
      ],
      env: [
        { name: 'SIZE', value: 'l' },
        { name: 'BOTH', value: '$(COLOR) $(SIZE) $(WEB_SERVICE_HOST) $(LATER) $$(SIZE)' },
        { name: 'LATER', value: 'x' },
        { name: 'EMPTY' },
        { name: 'FROM_MAP', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOR' } } },
        { name: 'FROM_SECRET', valueFrom: { secretKeyRef: { name: 'keys', key: 'KEY' } } },
        {
          name: 'LEFT_OUT',
          valueFrom: { secretKeyRef: { name: 'keys', key: 'no', optional: true } },
        },
      ],
      command: ['serve', '$(SIZE)'],
      args: ['--color=$(COLOR)', '$(UNKNOWN)'],
    }),
    sources,
  );
  const { WEB_SERVICE_HOST, KUBERNETES_SERVICE_PORT, ...rest } = variables;
  assert.deepEqual([WEB_SERVICE_HOST, KUBERNETES_SERVICE_PORT], ['10.0.0.7', '443']);
  assert.deepEqual(
    Object.fromEntries(Object.entries(rest).filter(([name]) => !/^(WEB|KUBERNETES)_/.test(name))),
    {
      COLOR: 'blue',
      SIZE: 'l',
      S_KEY: 's3cret',
      BOTH: 'blue l 10.0.0.7 $(LATER) $(SIZE)',
      LATER: 'x',
      EMPTY: '',
      FROM_MAP: 'blue',
      FROM_SECRET: 's3cret',
    },
  );
  assert.deepEqual(command, ['serve', 'l']);
  assert.deepEqual(args, ['--color=blue', '$(UNKNOWN)']);
});

test('containerEnvironment() tells facts of the pod and of its resources', async () => {
  const field = (fieldPath: string) => ({ fieldRef: { fieldPath } });
  const resource = (name: string, divisor?: string) => ({
    resourceFieldRef: { resource: name, ...(divisor === undefined ? {} : { divisor }) },
  });
  const asked = {
    NAME: field('metadata.name'),
    LABEL: field("metadata.labels['app']"),
    ANNOTATION: field("metadata.annotations['a/b']"),
    NO_LABEL: field("metadata.labels['none']"),
    NODE: field('spec.nodeName'),
    ACCOUNT: field('spec.serviceAccountName'),
    IPS: field('status.podIPs'),
    CPU: resource('requests.cpu'),
    MILLI: resource('requests.cpu', '1m'),
    MEMORY: resource('limits.memory', '1Mi'),
    UNSET: resource('requests.memory'),
    OF_NODE: resource('limits.cpu'),
  };
  const { variables, missing } = await containerEnvironment(
    { ...pod, spec: { ...pod.spec, containers: [], enableServiceLinks: false } },
    container({
      env: Object.entries(asked).map(([name, valueFrom]) => ({ name, valueFrom })),
      resources: { requests: { cpu: '1500m' }, limits: { memory: '65Mi' } },
    }),
    sources,
  );
  const { KUBERNETES_SERVICE_HOST, ...rest } = variables;
  assert.equal(KUBERNETES_SERVICE_HOST, '10.0.0.1');
  const own = Object.entries(rest).filter(([name]) => !name.startsWith('KUBERNETES_'));
  assert.deepEqual(Object.fromEntries(own), {
    NAME: 'shop-1',
    LABEL: 'shop',
    ANNOTATION: 'c',
    NO_LABEL: '',
    NODE: 'n1',
    ACCOUNT: 'robot',
    IPS: '10.1.0.2,fd00::2',
    CPU: '2',
    MILLI: '1500',
    MEMORY: '65',
    UNSET: '0',
  });
  assert.deepEqual(missing, [
    'variable OF_NODE: limits.cpu is what its node has, as the container names none',
  ]);
});

test('containerEnvironment() refuses what a kubelet would not start', async () => {
  const cases: [Partial<Container>, RegExp][] = [
    [{ envFrom: [{ configMapRef: { name: 'absent' } }] }, /^configmap "absent" not found$/],
    [{ envFrom: [{ secretRef: { name: 'absent' } }] }, /^secret "absent" not found$/],
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'no' } } }] },
      /^couldn't find key no in ConfigMap shop\/settings$/,
    ],
  ];
  for (const [parts, message] of cases) {
    await assert.rejects(containerEnvironment(pod, container(parts), sources), {
      name: 'PodError',
      message,
    });
  }
});
