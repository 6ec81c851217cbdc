import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import { silentLogger } from '@fairway/host';
import { type ManualClock, seededRandom } from '@fairway/host/testing';
import {
  ConfigMap,
  Namespace,
  Node,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from '@fairway/kinds/core/v1';
import { RuntimeClass } from '@fairway/kinds/node/v1';
import type { Handler, HttpRequest } from '@fairway/protocol';
import { createInformers } from '@fairway/reconcile';
import { type FollowedSources, followSources } from './follow-sources.ts';

const namespace = 'shop';

interface Story extends AsyncDisposable {
  /** The administrator. */
  readonly client: Client;
  /** A pod of the node that refers to a config map and a secret of a name. */
  createPod(name: string, refersTo: string): Promise<Pod>;
  readonly clock: ManualClock;
  readonly sources: FollowedSources;
  /** Watches that are open, by what they select. */
  readonly watched: Set<string>;
  /** Answers nobody who watches. */
  isDeaf: boolean;
}

async function openStory(): Promise<Story> {
  const server = await startTestServer({ disabledAdmissionPlugins: ['ServiceAccount'] });
  const { clock, api } = server;
  const stopping = new AbortController();
  const random = seededRandom(1);
  const node = { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
  const handle = api.handlerFor(node);
  const transport: Handler = async (request: HttpRequest) => {
    const query = new URLSearchParams(request.query);
    const what = query.get('fieldSelector');
    if (story.isDeaf && what !== null) return new Promise<never>(() => {});
    if (query.get('watch') === null || what === null) return handle(request);
    story.watched.add(what);
    request.signal.addEventListener('abort', () => story.watched.delete(what));
    return handle(request);
  };
  const client = createClient({ transport: api.handlerFor(admin), clock, random });
  const asNode = createClient({ transport, clock, random });
  const story: Omit<Story, keyof AsyncDisposable> & AsyncDisposable = {
    client,
    async createPod(name, refersTo) {
      const volumes = [
        { name: 'map', configMap: { name: refersTo, optional: true } },
        { name: 'secret', secret: { secretName: refersTo, optional: true } },
        { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ];
      const spec = {
        nodeName: 'n1',
        serviceAccountName: 'default',
        containers: [{ name: 'main', image: 'web' }],
        volumes,
      };
      const pod = await client.create(Pod, { metadata: { name, namespace }, spec });
      await clock.advance(10);
      return pod;
    },
    clock,
    watched: new Set<string>(),
    isDeaf: false,
    sources: followSources({
      client: asNode,
      clock,
      logger: silentLogger,
      signal: stopping.signal,
      informers: createInformers({ client: asNode, signal: stopping.signal }),
    }),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await clock.advance(0);
      await server[Symbol.asyncDispose]();
    },
  };
  await client.create(Namespace, { metadata: { name: namespace } });
  await client.create(Node, { metadata: { name: 'n1' } });
  await client.create(ServiceAccount, { metadata: { name: 'default', namespace } });
  return story;
}

test('followSources() follows what pods refer to, each by its name, while one does', async () => {
  await using story = await openStory();
  const { client, sources, clock, watched } = story;
  const told: string[] = [];
  using _listening = sources.onChange((podUid) => void told.push(podUid));
  await client.create(ConfigMap, { metadata: { name: 'settings', namespace }, data: { a: '1' } });
  const first = await story.createPod('one', 'settings');
  const second = await story.createPod('two', 'settings');
  const [firstUid = '', secondUid = ''] = [first.metadata?.uid, second.metadata?.uid];
  const [one, two] = [sources.of(first), sources.of(second)];
  assert.equal((await one.configMap('settings'))?.data?.['a'], '1');
  assert.equal(await two.secret('settings'), undefined);
  await two.configMap('settings');
  await clock.advance(10);
  assert.deepEqual([...watched], ['metadata.name=settings']);
  const merge = { data: { a: '2' } };
  await client.patch(ConfigMap, 'settings', { merge }, { namespace });
  await clock.advance(10);
  assert.equal((await one.configMap('settings'))?.data?.['a'], '2');
  assert.deepEqual(told.sort(), [firstUid, secondUid].sort());
  await client.create(Secret, { metadata: { name: 'settings', namespace }, data: {} });
  await clock.advance(10);
  assert.ok(await two.secret('settings'));
  sources.release(firstUid);
  await clock.advance(10);
  assert.equal(watched.size, 1);
  sources.release(secondUid);
  await clock.advance(10);
  assert.equal(watched.size, 0);
});

test('followSources() reads what is immutable once', async () => {
  await using story = await openStory();
  const { client, sources, clock, watched } = story;
  const metadata = { name: 'fixed', namespace };
  await client.create(ConfigMap, { metadata, immutable: true, data: { a: '1' } });
  const pod = sources.of(await story.createPod('one', 'fixed'));
  assert.equal((await pod.configMap('fixed'))?.data?.['a'], '1');
  await clock.advance(10);
  assert.equal(watched.size, 0);
  assert.equal((await pod.configMap('fixed'))?.data?.['a'], '1');
});

test('followSources() lets a pod wait no longer than it must, in the words of a kubelet', async () => {
  await using story = await openStory();
  const pod = await story.createPod('one', 'keys');
  story.isDeaf = true;
  const pending = story.sources.of(pod).secret('keys');
  pending.catch(() => {});
  await story.clock.advance(10_000);
  await assert.rejects(pending, {
    name: 'PodError',
    message: 'failed to sync secret cache: timed out waiting for the condition',
  });
});

test('followSources() names services and gives tokens that end with the pod', async () => {
  await using story = await openStory();
  const { client, sources, clock } = story;
  const ports = [{ port: 80 }];
  await client.create(Service, { metadata: { name: 'web', namespace }, spec: { ports } });
  const created = await story.createPod('one', 'keys');
  const pod = sources.of(created);
  const named = (await pod.services()).map(({ metadata }) => metadata?.name);
  assert.deepEqual(named.sort(), ['kubernetes', 'web']);
  const { token } = await pod.token({ expirationSeconds: 600 });
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  assert.deepEqual(claims['kubernetes.io'].pod, { name: 'one', uid: created.metadata?.uid });
  await client.delete(Pod, 'one', { namespace, gracePeriodSeconds: 0 });
  await clock.advance(10);
  // Nothing is given that would outlive the pod.
  await assert.rejects(pod.token({ expirationSeconds: 600 }), /no relationship found/);
});

test('followSources() knows what runs the pods of a runtime class', async () => {
  await using story = await openStory();
  await story.client.create(RuntimeClass, { metadata: { name: 'sandboxed' }, handler: 'kata' });
  const handlerOf = (runtimeClassName?: string): Promise<string | undefined> =>
    story.sources.runtimeHandler({
      spec: { containers: [], ...(runtimeClassName === undefined ? {} : { runtimeClassName }) },
    });
  assert.equal(await handlerOf(), undefined);
  assert.equal(await handlerOf('sandboxed'), 'kata');
  await assert.rejects(handlerOf('none'), {
    name: 'PodError',
    message: 'failed to get sandbox runtime: runtimeclass.node.k8s.io "none" not found',
  });
});
