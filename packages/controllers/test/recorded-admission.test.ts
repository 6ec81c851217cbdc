import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { makeCertificateRequest } from '@fairway/certificates/testing';
import type { TestServer } from '@fairway/apiserver/testing';
import { ConfigMap } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';
import {
  type KnownGaps,
  type Step,
  type Story,
  tellStory,
} from '@fairway/apiserver/recorded-story';
import { type RunningCluster, addNamespace, startRunningCluster } from './running-cluster.ts';

/** What the recorded server had in every namespace, and its pods among their volumes. */
const vendorMap = 'openshift-service-ca.crt';

/** Where this cluster answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  'serviceaccount: missing, opt-outs, pull secrets, mounted volume 12':
    'the recorded server gave pods a source of tokens more, so the line in the message is another one',
  'quota: a deployment over quota shows ReplicaFailure 3':
    'conditions stand in the order in which they came about, and name pods by another hash',
};

for (const story of readStories()) {
  test(`${story.name}, as on a kube-apiserver 1.36`, async () => {
    await using cluster = await startRunningCluster(controllersFor(story));
    await prepare(cluster, story);
    await tellStory(cluster.server, story, knownGaps, async (at, step) => {
      await letPass(cluster, story, at);
      return { step: await fillIn(cluster, step) };
    });
  });
}

/** Nobody was to end the namespace that ends there. */
function controllersFor({ name }: Story): { readonly controllers?: readonly string[] } {
  return name.startsWith('namespacelifecycle') ? { controllers: ['resourcequota-controller'] } : {};
}

function readStories(): readonly Story[] {
  const url = new URL('fixtures/recorded-admission.json', import.meta.url);
  const text = readFileSync(url, 'utf8').replaceAll(/<suffix-\d+>/g, '<suffix>');
  const { stories } = JSON.parse(text, asComparable) as { stories: readonly Story[] };
  return stories.map((story) => ({ ...story, isUnowned: true }));
}

function asComparable(field: string, value: unknown): unknown {
  if (field === 'nodePort') return '<port>';
  if (!Array.isArray(value)) return value;
  return value.filter((each) => each?.configMap?.name !== vendorMap);
}

/** What was there, and the namespaces that the requests go to. */
async function prepare(cluster: RunningCluster, { given = [], steps }: Story): Promise<void> {
  const { server, client } = cluster;
  await letWork(cluster);
  // It is a matter of `fairway up`, which has a default class.
  await server.request('DELETE', '/apis/storage.k8s.io/v1/storageclasses/standard');
  const made = new Set(given.map(({ body }) => body.metadata?.name ?? ''));
  for (const name of new Set(steps.flatMap(({ request }) => namespaceOf(request.path) ?? []))) {
    if (!made.has(name) && !name.endsWith('absent')) await addNamespace(client, name);
  }
  for (const { path, body } of given) {
    if (path === volumes) continue;
    await server.expect(201, 'POST', path, { body });
    await letWork(cluster);
    if (path !== '/api/v1/namespaces') continue;
    const metadata = { name: vendorMap, namespace: body.metadata?.name ?? '' };
    await client.create(ConfigMap, { metadata });
  }
}

function namespaceOf(path: string): string | undefined {
  return /^\/api(?:s\/[^/]+)?\/v1\/namespaces\/(rec-[^/?]+)/.exec(path)?.[1];
}

/** Until what happens by itself has happened. */
async function letWork({ server: { clock } }: RunningCluster): Promise<void> {
  for (let step = 0; step < 20; step++) {
    await clock.advance(250);
    await delay(1);
  }
}

const volumes = '/api/v1/persistentvolumes';

/** What came about between the steps. */
async function letPass(cluster: RunningCluster, story: Story, at: number): Promise<void> {
  const { name, steps, given = [] } = story;
  const { server } = cluster;
  // Claims were not bound yet at the first step.
  for (const { path, body } of at === 1 ? given : []) {
    if (path === volumes) await server.expect(201, 'POST', path, { body });
  }
  await staged[`${name} ${at}`]?.(server);
  if (steps[at]?.request.method === 'GET') await letWork(cluster);
  // The newer of two classes is the default one.
  else if (name.startsWith('default')) await server.clock.advance(1_000);
}

const terminating = '/api/v1/namespaces/rec-b-x3t41';

/** What was made by hand before a step, and not kept. */
const staged: Readonly<Record<string, (server: TestServer) => Promise<unknown>>> = {
  'namespacelifecycle: missing, immortal, terminating 8': async (server) => {
    const labels = { 'kubernetes.io/metadata.name': 'rec-b-x3t41', 'rec-b': '1' };
    const body = { metadata: { name: 'rec-b-x3t41', labels } };
    await server.expect(200, 'PUT', terminating, { body });
    const held = { metadata: { name: 'stuck', finalizers: ['example.com/h'] }, data: { k: 'v' } };
    await server.expect(201, 'POST', `${terminating}/configmaps`, { body: held });
  },
  'serviceaccount: missing, opt-outs, pull secrets, mounted volume 12': (server) => {
    const spec = { containers: [{ name: 'main', image: 'i' }] };
    const body = { metadata: { name: 'p' }, spec };
    return server.expect(201, 'POST', '/api/v1/namespaces/rec-b-x3a8/pods', { body });
  },
};

/** Puts in the place of masks what they stand for. */
async function fillIn({ server }: RunningCluster, step: Step): Promise<Step> {
  const { request } = step;
  const body = request.body as KubernetesObject | undefined;
  if (request.path.endsWith('/certificatesigningrequests')) {
    const made = await makeCertificateRequest({ subject: 'O=system:masters, CN=x' });
    const pem = Buffer.from(made.request).toString('base64');
    return withBody(step, (text) => text.replace('<base64 pem>', pem));
  }
  if (request.method !== 'PUT' || body?.metadata?.uid === undefined) return step;
  const { json } = await server.request('GET', request.path);
  const { uid = '', resourceVersion = '', creationTimestamp = '' } = json.metadata;
  return withBody(step, (text) =>
    text
      .replaceAll('<uid>', uid)
      .replaceAll('<rv>', resourceVersion)
      .replaceAll('<time>', creationTimestamp),
  );
}

function withBody({ request, ...step }: Step, change: (text: string) => string): Step {
  const body: unknown = JSON.parse(change(JSON.stringify(request.body)));
  return { ...step, request: { ...request, body } };
}
