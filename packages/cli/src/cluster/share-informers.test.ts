import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { runControllers } from '@fairway/controllers';
import { silentLogger } from '@fairway/host';
import { seededRandom } from '@fairway/host/testing';
import { type Handler, type UserInfo, headerOf } from '@fairway/protocol';
import { shareInformers } from './share-informers.ts';
import { startScheduler } from './start-scheduler.ts';
import { startSimulatedNodes } from './start-simulated-nodes.ts';

test('controllers, scheduler and simulated nodes receive each collection once', async () => {
  await using server = await startTestServer();
  const { api, clock } = server;
  const watches: string[] = [];
  const handlerFor = (user: UserInfo): Handler => {
    const next = api.handlerFor(user);
    return (request) => {
      const { path, query, headers } = request;
      // Of every kind there is one more watch, of metadata: the garbage collector's.
      const isOfMetadata = headerOf(headers, 'accept')?.includes('PartialObjectMetadata') === true;
      if (query.includes('watch=') && !isOfMetadata) watches.push(path);
      return next(request);
    };
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  const parts = { handlerFor, clock, random: seededRandom(1), logger: silentLogger };
  const informers = shareInformers(parts, { handlerFor }, signal);
  const shared = { apiServer: { handlerFor }, informers };
  const running = Promise.all([
    runControllers(
      { ...parts, informers: await informers, authorityCertificate: 'a certificate' },
      signal,
    ),
    startScheduler(parts, shared, signal),
    startSimulatedNodes(parts, { count: 1 }, shared, signal),
  ]);
  for (let at = 0; at < 20; at++) await clock.advance(100);
  stopping.abort();
  await clock.advance(60_000);
  await running;
  assert.equal(new Set(watches).size, watches.length, watches.sort().join('\n'));
  for (const plural of ['pods', 'nodes', 'services']) {
    assert.ok(watches.includes(`/api/v1/${plural}`), plural);
  }
});
