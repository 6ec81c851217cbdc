import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@fairway/host/testing';
import { ApiError, type KubernetesObject, type StatusCause } from '@fairway/protocol';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { AdmissionOperation, ValidateRequest } from '../admission-plugin.ts';
import { podSecurity } from './pod-security.ts';
import { type PodSecurityConfiguration, defaultPodSecurity } from './pod-security-configuration.ts';

type Labels = Readonly<Record<string, string>>;

const prefix = 'pod-security.kubernetes.io/';

function labelled(labels: Labels): KubernetesObject {
  const entries = Object.entries(labels).map(([name, value]) => [`${prefix}${name}`, value]);
  return { metadata: { name: 'n', labels: Object.fromEntries(entries) as Labels } };
}

interface Asked {
  readonly namespace?: Labels;
  readonly configuration?: PodSecurityConfiguration;
  readonly pods?: readonly object[];
  readonly plural: string;
  readonly group?: string;
  readonly operation?: AdmissionOperation;
  readonly stored?: KubernetesObject;
  readonly username?: string;
}

interface Told {
  readonly warnings: readonly string[];
  readonly notes: Readonly<Record<string, string>>;
  readonly code?: number;
  readonly message?: string;
  /** Of what is no fault of the caller's. */
  readonly causes?: readonly StatusCause[];
}

/** What the caller and the audit log are told, and whether the write is refused. */
async function ask(object: object, asked: Asked): Promise<Told> {
  const { configuration = defaultPodSecurity, namespace, pods = [], stored } = asked;
  const cluster = {
    find: async () => (namespace === undefined ? undefined : labelled(namespace)),
    undecoded: async () => pods.map((pod) => () => pod),
  };
  const plugin = podSecurity(
    { cluster: cluster as never, clock: new ManualClock() },
    configuration,
  );
  const warnings: string[] = [];
  const notes: Record<string, string> = {};
  const resource = { group: asked.group ?? '', plural: asked.plural, kind: 'Kind' };
  const request: ValidateRequest<KubernetesObject> = {
    operation: asked.operation ?? (stored === undefined ? 'CREATE' : 'UPDATE'),
    resource: resource as ServedResource,
    subresource: '',
    namespace: asked.plural === 'namespaces' ? '' : 'n',
    name: asked.plural === 'namespaces' ? 'n' : 'p',
    user: { username: asked.username ?? 'ann', groups: [] },
    options: {},
    warn: (text) => void warnings.push(text),
    annotate: (key, value) => void (notes[key.replace(prefix, '')] = value),
    annotateOfBody: () => {},
    signal: new AbortController().signal,
    object: object as KubernetesObject,
    ...(stored && { stored }),
  };
  try {
    await plugin.validate?.(request);
    return { warnings, notes };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message, status } = error;
    const causes = code === 500 ? status.details?.causes : undefined;
    return { warnings, notes, code, message, ...(causes && { causes }) };
  }
}

const onHost = {
  metadata: { name: 'p' },
  spec: { hostNetwork: true, containers: [{ name: 'c' }] },
};
const violation = 'PodSecurity "baseline:latest": host namespaces (hostNetwork=true)';

test('podSecurity() refuses a pod, and notes for the audit log what it was held to', async () => {
  const namespace = { enforce: 'baseline', audit: 'baseline', warn: 'baseline' };
  assert.deepEqual(await ask(onHost, { namespace, plural: 'pods' }), {
    code: 403,
    message: `pods "p" is forbidden: violates ${violation}`,
    warnings: [],
    notes: {
      'enforce-policy': 'baseline:latest',
      'audit-violations': `would violate ${violation}`,
    },
  });
  assert.deepEqual(await ask(onHost, { namespace: {}, plural: 'pods' }), {
    warnings: [],
    notes: { 'enforce-policy': 'privileged:latest' },
  });
});

test('podSecurity() lets no pod into a namespace that it does not know', async () => {
  const why = 'failed to lookup namespace "n"';
  assert.deepEqual(await ask(onHost, { plural: 'pods' }), {
    warnings: [],
    notes: {},
    code: 500,
    message: `Internal error occurred: ${why}`,
    causes: [{ message: why }],
  });
});

test('podSecurity() warns of what makes pods, and refuses none', async () => {
  const template = onHost;
  const makers: readonly (readonly [group: string, plural: string, object: object])[] = [
    ['', 'podtemplates', { template }],
    ['', 'replicationcontrollers', { spec: { template } }],
    ['apps', 'deployments', { spec: { template } }],
    ['batch', 'cronjobs', { spec: { jobTemplate: { spec: { template } } } }],
  ];
  for (const [group, plural, object] of makers) {
    const told = await ask(object, { namespace: { enforce: 'baseline' }, group, plural });
    assert.deepEqual(told, { warnings: [`would violate ${violation}`], notes: {} }, plural);
  }
  const none = await ask({ spec: {} }, { namespace: { warn: 'baseline' }, plural: 'podtemplates' });
  assert.deepEqual(none, { warnings: [], notes: {} });
});

test('podSecurity() lets those be who are exempt, and says why', async () => {
  const namespace = { enforce: 'baseline' };
  const exempt = (exemptions: Partial<PodSecurityConfiguration['exemptions']>) => ({
    ...defaultPodSecurity,
    exemptions: { ...defaultPodSecurity.exemptions, ...exemptions },
  });
  const sandboxed = { ...onHost, spec: { ...onHost.spec, runtimeClassName: 'sandboxed' } };
  const rows: readonly (readonly [object, PodSecurityConfiguration, string])[] = [
    [onHost, exempt({ usernames: ['ann'] }), 'user'],
    [onHost, exempt({ namespaces: ['n'] }), 'namespace'],
    [sandboxed, exempt({ runtimeClasses: ['sandboxed'] }), 'runtimeClass'],
  ];
  for (const [pod, configuration, why] of rows) {
    const told = await ask(pod, { namespace, configuration, plural: 'pods' });
    assert.deepEqual(told, { warnings: [], notes: { exempt: why } });
    const other = { namespace, configuration: exempt({ usernames: ['bob'] }), plural: 'pods' };
    assert.equal((await ask(pod, other)).code, 403, why);
  }
  const labels = { enforce: 'baseline', 'audit-version': 'v1.3', audit: 'restricted' };
  const told = await ask(labelled(labels), {
    plural: 'namespaces',
    configuration: exempt({ namespaces: ['n'] }),
  });
  assert.deepEqual(told.warnings, [
    'namespace "n" is exempt from Pod Security, and the policy ' +
      '(enforce=baseline:latest, audit=restricted:v1.3) will be ignored',
  ]);
});

test('podSecurity() looks at a pod again when it gets another image or a container', async () => {
  const namespace = { enforce: 'baseline' };
  const update = (changed: object, annotations: Labels = {}) => {
    const object = {
      metadata: { name: 'p', annotations },
      spec: { ...onHost.spec, ...changed },
    };
    return ask(object, { namespace, plural: 'pods', stored: onHost as KubernetesObject });
  };
  assert.deepEqual(await update({ activeDeadlineSeconds: 5 }), { warnings: [], notes: {} });
  assert.equal((await update({ containers: [{ name: 'c', image: 'other' }] })).code, 403);
  assert.equal((await update({ ephemeralContainers: [{ name: 'e' }] })).code, 403);
  assert.equal((await update({ initContainers: [{ name: 'i' }] })).code, 403);
  const seccomp = { 'container.seccomp.security.alpha.kubernetes.io/c': 'unconfined' };
  assert.equal((await update({}, seccomp)).code, 403);
});

test('podSecurity() refuses labels that mean nothing, but where they were before', async () => {
  const bad = labelled({ enforce: 'all' });
  const refused = await ask(bad, { plural: 'namespaces' });
  assert.equal(refused.code, 422);
  const kept = { metadata: { ...bad.metadata, annotations: { a: 'b' } } };
  assert.deepEqual(await ask(kept, { plural: 'namespaces', stored: bad }), {
    warnings: [],
    notes: {},
  });
  const pod = await ask(onHost, { namespace: { enforce: 'all' }, plural: 'pods' });
  assert.match(pod.message ?? '', /violates PodSecurity "restricted:latest"/);
  assert.match(pod.notes['error'] ?? '', /^Failed to parse policy: metadata\.labels\[pod-sec/);
});

test('podSecurity() looks at the pods of a namespace when its level or version becomes another', async () => {
  const change = (before: Labels, now: Labels) =>
    ask(labelled(now), { plural: 'namespaces', stored: labelled(before), pods: [onHost] });
  const told = [
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
    'p: host namespaces',
  ];
  assert.deepEqual((await change({}, { enforce: 'baseline' })).warnings, told);
  assert.deepEqual((await change({ enforce: 'restricted' }, { enforce: 'baseline' })).warnings, []);
  assert.deepEqual((await change({ enforce: 'baseline' }, { enforce: 'privileged' })).warnings, []);
  assert.deepEqual((await change({}, { warn: 'baseline' })).warnings, []);
  const other = { enforce: 'restricted', 'enforce-version': 'v1.2' };
  assert.deepEqual((await change(other, { enforce: 'baseline' })).warnings, told);
});

test('podSecurity() holds to its defaults where labels are silent', async () => {
  const enforce = { level: 'baseline', version: 'v1.30' } as const;
  const configuration = {
    ...defaultPodSecurity,
    defaults: { ...defaultPodSecurity.defaults, enforce },
  };
  const refused = await ask(onHost, { namespace: {}, configuration, plural: 'pods' });
  assert.match(refused.message ?? '', /violates PodSecurity "baseline:v1\.30"/);
  const freed = { namespace: { enforce: 'privileged' }, configuration, plural: 'pods' };
  assert.equal((await ask(onHost, freed)).code, undefined);
  assert.equal((await ask(onHost, { plural: 'pods' })).code, 500, 'nobody knows its labels');
});
