import assert from 'node:assert/strict';
import { Metrics } from '@fairway/serving/metrics';
import { WebhookMetrics } from './webhook-metrics.ts';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type HttpRequest, collectBody } from '@fairway/protocol';
import { builtInResources } from '../../registry/built-in-resources.ts';
import { ResourceRegistry } from '../../registry/resource-registry.ts';
import { AdmissionRounds } from '../admission-rounds.ts';
import type { Hook } from './hooks.ts';
import { askMutatingWebhooks, type MutatingParts } from './mutating-webhooks.ts';
import { askValidatingWebhooks } from './validating-webhooks.ts';

const schemas = { lookup: () => ({ type: 'object' }) as const, definition: () => undefined };
const registry = new ResourceRegistry(builtInResources(schemas));
const resource = registry.builtInResource('', 'configmaps');

/** Answers what is said by the path, and nothing that can be read for any other. */
const responses: Readonly<Record<string, object>> = {
  '/note': { allowed: true, auditAnnotations: { why: 'so' } },
  '/change': {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from('[{"op":"add","path":"/data","value":{"k":"v"}}]').toString('base64'),
  },
};

async function answer({ path, body }: HttpRequest) {
  const text = Buffer.from(await collectBody(body)).toString();
  const { kind, apiVersion, request } = JSON.parse(text) as {
    kind: string;
    apiVersion: string;
    request: { uid: string };
  };
  const response = { uid: request.uid, ...responses[path] };
  const said = path in responses ? JSON.stringify({ kind, apiVersion, response }) : 'no';
  return { status: 200, headers: {}, body: Buffer.from(said) };
}

function hookOf(name: string): Hook {
  return {
    id: name,
    configuration: 'mine',
    webhook: {
      name: `${name}.example.com`,
      clientConfig: {},
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Ignore',
    },
    match: async (request) => request.resource,
    endpoint: {
      endpoint: { scheme: 'https', host: 'a', port: 443 },
      path: `/${name}`,
      url: `https://a/${name}`,
    },
  };
}

const clock = new ManualClock();
const parts = {
  registry,
  schemas,
  cluster: { find: async () => undefined },
  clock,
  webhookMetrics: new WebhookMetrics({ metrics: new Metrics(), clock }),
  random: seededRandom(1),
  dial: { webhook: () => answer },
  authorizer: async () => ({ kind: 'allow', reason: '' }),
} as unknown as MutatingParts;

test('the audit log is told what webhooks did, each under a key of its own', async () => {
  const notes: Record<string, string> = {};
  const request = {
    operation: 'CREATE' as const,
    resource,
    subresource: '',
    namespace: 'default',
    name: 'a',
    user: { username: 'ann', groups: [] },
    options: {},
    warn: () => {},
    annotate: (key: string, value: string) => void (notes[key] = value),
    annotateOfBody: (key: string, value: () => string) => void (notes[key] = value()),
    signal: new AbortController().signal,
  };
  const draft = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  const hooks = [hookOf('note'), hookOf('change'), hookOf('broken')];
  await askMutatingWebhooks(hooks, { ...request, draft, rounds: new AdmissionRounds() }, parts);
  const mutation = (name: string, mutated: boolean): string =>
    JSON.stringify({ configuration: 'mine', webhook: `${name}.example.com`, mutated });
  assert.deepEqual(notes, {
    'note.example.com/why': 'so',
    'mutation.webhook.admission.k8s.io/round_0_index_0': mutation('note', false),
    'mutation.webhook.admission.k8s.io/round_0_index_1': mutation('change', true),
    'patch.webhook.admission.k8s.io/round_0_index_1':
      '{"configuration":"mine","webhook":"change.example.com","patch":[{"op":"add","path":"/data","value":{"k":"v"}}],"patchType":"JSONPatch"}',
    'mutation.webhook.admission.k8s.io/round_0_index_2': mutation('broken', false),
    'failed-open.mutating.webhook.admission.k8s.io/round_0_index_2': 'broken.example.com',
  });
  assert.deepEqual(draft, { ...draft, data: { k: 'v' } });
  for (const key of Object.keys(notes)) Reflect.deleteProperty(notes, key);
  await askValidatingWebhooks(
    [hookOf('note'), hookOf('broken')],
    { ...request, object: draft },
    parts,
  );
  assert.deepEqual(notes, {
    'note.example.com/why': 'so',
    'failed-open.validating.webhook.admission.k8s.io/round_0_index_1': 'broken.example.com',
  });
});
