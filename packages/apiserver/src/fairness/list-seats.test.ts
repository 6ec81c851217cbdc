import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthenticatedRequest } from '@fairway/access';
import { ManualClock } from '@fairway/host/testing';
import { builtInSchemas } from '@fairway/kinds/schema';
import { parseRequestTarget } from '@fairway/protocol';
import { createMemoryStore } from '@fairway/store';
import { builtInResources } from '../registry/built-in-resources.ts';
import { ResourceRegistry } from '../registry/resource-registry.ts';
import { ListSeats } from './list-seats.ts';

const registry = new ResourceRegistry(builtInResources(builtInSchemas()));

function requestTo(path: string, query = '', method = 'GET'): AuthenticatedRequest {
  const request = { method, path, query, headers: {}, body: undefined };
  const target = parseRequestTarget(request);
  return { ...request, target } as unknown as AuthenticatedRequest;
}

test('a list takes a seat for each 100 kB, a watch that begins with one too, and all else takes one', async () => {
  const clock = new ManualClock();
  const store = createMemoryStore({ clock });
  const seats = new ListSeats({ store, registry, clock });
  for (let at = 0; at < 40; at++) {
    await store.create(`/registry/pods/big/${at}`, Buffer.alloc(10_000));
  }
  await store.create('/registry/pods/small/a', Buffer.alloc(10_000));
  const cases: readonly (readonly [number, string, string?, string?])[] = [
    [5, '/api/v1/pods'],
    [4, '/api/v1/namespaces/big/pods'],
    [1, '/api/v1/namespaces/small/pods'],
    [2, '/api/v1/pods', 'limit=20'],
    [1, '/api/v1/pods', 'fieldSelector=metadata.name=a'],
    [5, '/api/v1/pods', 'watch=true'],
    [5, '/api/v1/pods', 'watch=true&resourceVersion=7&sendInitialEvents=true'],
    [1, '/api/v1/pods', 'watch=true&resourceVersion=7'],
    [1, '/api/v1/namespaces/big/pods/1'],
    [1, '/api/v1/namespaces/big/pods', '', 'POST'],
    [1, '/api/v1/nodes'],
    [1, '/apis/example.com/v1/things'],
    [1, '/readyz'],
  ];
  for (const [expected, ...asked] of cases) {
    assert.equal(await seats.seatsOf(requestTo(...asked)), expected, asked.join(' '));
  }
  await store.create('/registry/pods/small/b', Buffer.alloc(300_000));
  assert.equal(await seats.seatsOf(requestTo('/api/v1/namespaces/small/pods')), 1, 'as it was');
  await clock.advance(10_000);
  assert.equal(await seats.seatsOf(requestTo('/api/v1/namespaces/small/pods')), 4);
  await store.close();
});
