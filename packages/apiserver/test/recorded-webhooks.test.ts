import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import type { Handler, KubernetesObject } from '@fairway/protocol';
import {
  type Cue,
  type KnownGaps,
  type Step,
  type Story,
  assertLike,
  tellStory,
} from '@fairway/apiserver/recorded-story';
import {
  type Answering,
  type Received,
  WebhookRoad,
  WebhookServer,
  base64,
  jsonPatch,
  review,
} from './webhook-server.ts';

/** Where this server answers otherwise, by story and step. */
const knownGaps: KnownGaps = {
  'requests as received: scale, status, eviction, binding, token, exec 5':
    'a node that is not there is told as a node, not as a pod',
};

interface WebhookStory extends Story {
  readonly steps: readonly (Step & { readonly webhookReceived?: readonly Received[] })[];
}

/** What the recorded webhook answered, by paths. */
const answers: Readonly<Record<string, Answering>> = {
  '/allow': review(() => ({ allowed: true })),
  '/deny': review(() => ({ allowed: false, status: { message: 'no such luck' } })),
  '/deny-plain': review(() => ({ allowed: false })),
  '/deny-code': review(() => ({
    allowed: false,
    status: { code: 418, reason: 'Teapot', message: 'short and stout' },
  })),
  '/deny-reason': review(() => ({ allowed: false, status: { reason: 'only a reason' } })),
  '/deny-500': review(() => ({
    allowed: false,
    status: { code: 200, status: 'Success', message: 'code below 400' },
  })),
  '/warn': review(() => ({
    allowed: true,
    warnings: ['first warning', 'second "quoted" warning', 'x'.repeat(300)],
  })),
  '/deny-warn': review(() => ({
    allowed: false,
    status: { message: 'denied with a warning' },
    warnings: ['look out'],
  })),
  '/label': review(({ body }) => {
    const labels = body.request['object'].metadata.labels as Record<string, string> | undefined;
    if (labels === undefined) {
      return jsonPatch({ op: 'add', path: '/metadata/labels', value: { touched: '1' } });
    }
    const value = String(Number(labels['touched'] ?? 0) + 1);
    return jsonPatch({ op: 'add', path: '/metadata/labels/touched', value });
  }),
  '/sidecar': review(({ body }) => {
    const { containers } = body.request['object'].spec as { containers: { name: string }[] };
    if (containers.some(({ name }) => name === 'side')) return { allowed: true };
    const value = { name: 'side', image: 's' };
    return jsonPatch({ op: 'add', path: '/spec/containers/-', value });
  }),
  '/badpatch': review(() => jsonPatch({ op: 'replace', path: '/metadata/nope/x', value: 1 })),
  '/garbage': review(() => ({ allowed: true, patchType: 'JSONPatch', patch: base64('not json') })),
  '/nopatchtype': review(() => ({ allowed: true, patch: base64('[]') })),
  '/typeonly': review(() => ({ allowed: true, patchType: 'JSONPatch' })),
  '/badtype': review(() => ({
    ...jsonPatch({ op: 'add', path: '/data/x', value: 'y' }),
    patchType: 'Merge',
  })),
  '/invalidobj': review(() => jsonPatch({ op: 'add', path: '/data/bad key', value: 'x' })),
  '/rename': review(() => jsonPatch({ op: 'replace', path: '/metadata/name', value: 'other' })),
  '/wronguid': review(() => ({ allowed: true, uid: 'nope' })),
  '/wrongkind': review(() => ({ allowed: true }), { kind: 'Other' }),
  '/v1beta1': review(() => ({ allowed: true }), { apiVersion: 'admission.k8s.io/v1beta1' }),
  '/noresponse': review(() => ({}), { response: undefined }),
  '/notjson': (_, response) => void response.end('"hello"'),
  '/http500': (_, response) => void response.writeHead(500).end('boom'),
  '/http404': (_, response) => void response.writeHead(404).end('404 page not found\n'),
  '/slow': () => {},
  '/audit': review(() => ({ allowed: true, auditAnnotations: { key: 'value' } })),
};

/** With a place and a certificate, and the audience that this server has for its own. */
function filled<T>(value: T, webhook: WebhookServer): T {
  const text = JSON.stringify(value)
    .replaceAll('<port>', String(webhook.port))
    .replaceAll('kubernetes.default.svc.cluster.local', 'kubernetes.default.svc');
  return JSON.parse(text.replaceAll('<base64 pem>', webhook.caBundle)) as T;
}

async function prepare(server: TestServer, story: Story, webhook: WebhookServer): Promise<void> {
  for (const { path, body } of story.given ?? []) {
    await server.expect(201, 'POST', path, { body: filled(body, webhook) });
    if (path !== '/api/v1/namespaces') continue;
    const accounts = `${path}/${body.metadata?.name}/serviceaccounts`;
    await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  }
  for (let turn = 0; turn < 20; turn++) await settle();
}

/** Lets the time of webhooks pass that do not answer. */
function patient(server: TestServer, webhook: WebhookServer): Handler {
  const asAdmin = server.api.handlerFor(admin);
  return async (request) => {
    const arrival = webhook.arrival();
    const answer = asAdmin(request);
    await arrival;
    await server.clock.advance(1_000);
    return answer;
  };
}

function shown(received: Received | undefined): unknown {
  assert.ok(received);
  const { request } = received.body;
  const [object, oldObject] = [request['object'], request['oldObject']].map(asKept);
  return { ...received, body: { ...received.body, request: { ...request, object, oldObject } } };
}

/** Who owns what was not kept, and a status that says nothing is there in Go only. */
function asKept(object: (KubernetesObject & { status?: object }) | null): unknown {
  if (object?.metadata === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  const { status, ...rest } = object;
  const hasStatus = status !== undefined && Object.keys(status).length > 0;
  return { ...rest, metadata, ...(hasStatus ? { status } : {}) };
}

function namespaceOf({ given = [] }: Story): string {
  return given[0]?.body.metadata?.name ?? '';
}

const container = { name: 'main', image: 'reg.example/app:1' };
const pod = {
  metadata: { name: 'p' },
  spec: { automountServiceAccountToken: false, containers: [container] },
};
const selector = { matchLabels: { a: 'b' } };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } };
const deployment = { metadata: { name: 'd' }, spec: { replicas: 0, selector, template } };

/** What was made before a step without being written down, by story and step. */
const unrecorded: Readonly<
  Record<string, (server: TestServer, namespace: string) => Promise<unknown>>
> = {
  'requests as received: create, update, patch, delete, deletecollection 6': async (
    server,
    namespace,
  ) => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    for (const name of ['d1', 'd2']) {
      const body = { metadata: { name, labels: { d: '1' } }, data: { k: 'v' } };
      await server.expect(201, 'POST', path, { body });
    }
  },
  'requests as received: scale, status, eviction, binding, token, exec 0': async (
    server,
    namespace,
  ) => {
    await server.expect(201, 'POST', `/api/v1/namespaces/${namespace}/pods`, { body: pod });
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await server.expect(201, 'POST', path, { body: deployment });
  },
};

/** No story gets so far. */
const noKubelet = (): never => assert.fail('a kubelet was asked');

test('webhooks are asked, and decide, as on a kube-apiserver 1.36', async (t) => {
  const url = new URL('fixtures/golden/webhooks.json', import.meta.url);
  const { stories } = JSON.parse(readFileSync(url, 'utf8')) as { stories: readonly WebhookStory[] };
  assert.equal(stories.length, 50);
  await using webhook = await new WebhookServer((path) => answers[path]).listen();
  using road = new WebhookRoad();
  await using server = await startTestServer({
    dial: { webhook: road.webhook, kubelet: noKubelet },
  });
  for (const story of stories) {
    // Either may be told: see admission-webhooks.test.ts.
    if (story.name === 'two validating webhooks deny at once') continue;
    await t.test(story.name, async () => {
      await prepare(server, story, webhook);
      webhook.takeReceived();
      const isSlow = JSON.stringify(story.given ?? []).includes('/slow');
      const received: Received[] = [];
      const cue: Cue = async (at, step) => {
        received.push(...webhook.takeReceived());
        await unrecorded[`${story.name} ${at}`]?.(server, namespaceOf(story));
        webhook.takeReceived();
        const handler = isSlow ? { handler: patient(server, webhook) } : {};
        return { step: filled(step, webhook), ...handler };
      };
      await tellStory(server, { ...story, isUnowned: true }, knownGaps, cue);
      received.push(...webhook.takeReceived());
      const expected = filled(story, webhook).steps.flatMap((step) => step.webhookReceived ?? []);
      assert.equal(received.length, expected.length, JSON.stringify(received));
      for (const [at, each] of expected.entries()) {
        assertLike(shown(received[at]), shown(each), `request ${at}`);
      }
    });
  }
});
