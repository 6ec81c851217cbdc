import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { ConfigMap, configMap, startTestCluster } from '../../test/test-cluster.ts';
import { createInformer } from './informer.ts';
import { createInformers } from './informers.ts';
import type { Change } from './object-cache.ts';

test('createInformer() holds what exists and follows every change', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  await client.create(ConfigMap, configMap('a', { v: '1' }));
  const informer = createInformer(client, ConfigMap, { signal });
  assert.equal(informer.isSynced, false);
  await informer.synced;
  assert.deepEqual([...informer.keys()], ['default/a']);
  const seen: string[] = [];
  informer.subscribe((change) => seen.push(describe(change)));
  await client.create(ConfigMap, configMap('b', { v: '1' }));
  await client.patch(ConfigMap, 'a', { merge: { data: { v: '2' } } });
  await client.delete(ConfigMap, 'b');
  await settle();
  assert.deepEqual(seen, ['added a v1', 'added b v1', 'updated a v2 from v1', 'deleted b v1']);
  assert.equal(informer.get('default/a')?.data?.['v'], '2');
  assert.equal(informer.size, 1);
});

test('createInformer() tells when it has what was written', async () => {
  await using cluster = await startTestCluster();
  const { client } = cluster;
  const stopping = new AbortController();
  const informer = createInformer(client, ConfigMap, { signal: stopping.signal });
  assert.equal(informer.resourceVersion, '0');
  const early = await client.create(ConfigMap, configMap('a', { v: '1' }));
  await informer.reached(early);
  assert.equal(informer.isSynced, true);
  for (let round = 2; round < 30; round++) {
    const v = String(round);
    const written = await client.patch(ConfigMap, 'a', { merge: { data: { v } } });
    await informer.reached(written);
    assert.equal(informer.get('default/a')?.data?.['v'], v);
  }
  const never = assert.rejects(
    informer.reached({ metadata: { resourceVersion: '999999' } }),
    /configmaps ended/,
  );
  stopping.abort();
  await informer.ended;
  await never;
});

test('createInformer() keeps projections and finds them by index', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  for (const name of ['a1', 'a2', 'b1'])
    await client.create(ConfigMap, configMap(name, { v: 'x' }));
  const informer = createInformer(client, ConfigMap, {
    signal,
    keep: ({ metadata }: ConfigMap): ConfigMap => ({ metadata: metadata ?? {} }),
    index: { part: (object) => object.metadata?.labels?.['part'] },
  });
  await informer.synced;
  assert.equal(informer.get('default/a1')?.data, undefined);
  assert.deepEqual(namesOf(informer.by('part', 'a')), ['a1', 'a2']);
  await client.delete(ConfigMap, 'a1');
  await client.patch(ConfigMap, 'b1', { merge: { metadata: { labels: { part: 'a' } } } });
  await settle();
  assert.deepEqual(namesOf(informer.by('part', 'a')).sort(), ['a2', 'b1']);
  assert.deepEqual(informer.by('part', 'b'), []);
  assert.throws(() => informer.by('parts', 'a'), /no index "parts" \(there are: part\)/);
});

test('createInformer() changes give late comers what exists, and say when that was all', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  await client.create(ConfigMap, configMap('a', { v: '1' }));
  const informer = createInformer(client, ConfigMap, { signal, as: 'metadata' });
  await informer.synced;
  const changes = informer.changes();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { type, object } of changes) {
      seen.push(`${type} ${object.metadata.name}`);
      if (type === 'deleted') break;
    }
  })();
  await changes.synced;
  assert.deepEqual(seen, ['added a']);
  await client.delete(ConfigMap, 'a');
  await reading;
  assert.deepEqual(seen, ['added a', 'deleted a']);
});

test('createInformer() tells of an object that was made anew under its name', async () => {
  await using cluster = await startTestCluster();
  const { client, server, signal } = cluster;
  const silent = new AbortController();
  let isCut = false;
  const cutting = cluster.clientFor(
    { username: 'x', groups: ['system:masters'] },
    (next) => (request) => {
      if (isCut) return Promise.reject(new Error('cut'));
      const ended = AbortSignal.any([request.signal, silent.signal]);
      return next({ ...request, signal: ended });
    },
  );
  await client.create(ConfigMap, configMap('a', { v: '1' }));
  await client.create(ConfigMap, configMap('b', { v: '1' }));
  const informer = createInformer(cutting, ConfigMap, { signal });
  await informer.synced;
  const seen: string[] = [];
  informer.subscribe((change) => seen.push(describe(change)));
  seen.length = 0;
  isCut = true;
  silent.abort();
  await client.delete(ConfigMap, 'a');
  await client.create(ConfigMap, configMap('a', { v: '2' }));
  await client.delete(ConfigMap, 'b');
  await server.store.compact(await server.store.currentRevision());
  await server.clock.advance(5_000);
  isCut = false;
  await server.clock.advance(70_000);
  assert.deepEqual(seen.sort(), [
    'added a v2',
    'deleted a v1 (last known)',
    'deleted b v1 (last known)',
  ]);
});

test('createInformer() ends by its signal, and by what a subscriber throws', async () => {
  await using cluster = await startTestCluster();
  const stopping = new AbortController();
  const stopped = createInformer(cluster.client, ConfigMap, { signal: stopping.signal });
  stopping.abort();
  await stopped.ended;
  await assert.rejects(stopped.synced, /ended before/);
  const informer = createInformer(cluster.client, ConfigMap, { signal: cluster.signal });
  await informer.synced;
  informer.subscribe(() => {
    throw new RangeError('of the subscriber');
  });
  const ended = assert.rejects(informer.ended, RangeError);
  await cluster.client.create(ConfigMap, configMap('a'));
  await ended;
});

test('createInformers() shares an informer among those who follow the same', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  const informers = createInformers({ client, signal });
  const one = informers.of(ConfigMap);
  assert.equal(informers.of(ConfigMap, { namespace: 'default' }), one);
  assert.notEqual(informers.of(ConfigMap, { allNamespaces: true }), one);
  assert.notEqual(informers.of(ConfigMap, { as: 'metadata' }), one);
  assert.notEqual(informers.of(ConfigMap, { labelSelector: { a: 'b' } }), one);
  const byPart = (object: ConfigMap): string | undefined => object.metadata?.labels?.['part'];
  informers.of(ConfigMap, { index: { part: byPart } });
  await client.create(ConfigMap, configMap('a'));
  await informers.synced();
  await settle();
  assert.deepEqual(namesOf(one.by('part', 'a')), ['a']);
});

test('createInformers() follows anew what an informer followed that has failed', async () => {
  await using cluster = await startTestCluster();
  const { client, signal } = cluster;
  const informers = createInformers({ client, signal });
  const one = informers.of(ConfigMap);
  await one.synced;
  one.subscribe(() => {
    throw new RangeError('of the subscriber');
  });
  const ended = assert.rejects(one.ended, RangeError);
  await client.create(ConfigMap, configMap('a'));
  await ended;
  const other = informers.of(ConfigMap);
  await other.synced;
  assert.deepEqual([...other.keys()], ['default/a']);
  assert.equal(informers.of(ConfigMap), other);
});

function describe({ type, object, old, isLastKnown }: Change<ConfigMap>): string {
  const from = old === undefined ? '' : ` from v${old.data?.['v']}`;
  const how = isLastKnown === true ? ' (last known)' : '';
  return `${type} ${object.metadata?.name} v${object.data?.['v']}${from}${how}`;
}

function namesOf(objects: readonly ConfigMap[]): (string | undefined)[] {
  return objects.map(({ metadata }) => metadata?.name);
}
