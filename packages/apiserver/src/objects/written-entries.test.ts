import { customResourceStrategy } from '@fairway/kind-rules';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { type StoreEntry, createMemoryStore } from '@fairway/store';
import { AdmissionChain } from '../admission/admission-chain.ts';
import type { Call } from '../calls/call.ts';
import { asIncoming } from '../content/incoming-object.ts';
import { stampResourceVersion } from '../storage/object-bytes.ts';
import { createNew } from './create-new.ts';
import { deleteObject } from './delete-object.ts';
import { replaceObject } from './replace-object.ts';
import type { WriteParts } from './write-parts.ts';

test('what was written is not converted for the answer, nor for the next read', async (t) => {
  const clock = new ManualClock();
  const store = createMemoryStore({ stamp: stampResourceVersion, clock });
  t.after(() => store.close());
  const asStored = new WeakSet<StoreEntry>();
  const fromStored = (): never => assert.fail('converted');
  const resource = {
    group: 'example.com',
    version: 'v1',
    kind: 'Lamp',
    plural: 'lamps',
    isNamespaced: true,
    subresources: new Map(),
    storage: { prefix: '/lamps/', apiVersion: 'example.com/v1', fromStored, asStored },
    schema: {},
    isBuiltIn: false,
    rules: { checkName: () => undefined, allowsPlainFinalizers: true },
    strategy: customResourceStrategy,
  };
  const call = {
    resource,
    target: { verb: 'update', namespace: 'a', name: 'one', subresource: '' },
    request: { headers: {}, user: { username: 'admin' } },
    parts: {
      store,
      clock,
      random: seededRandom(1),
      admission: new AdmissionChain([]),
      allocators: new Map(),
    },
    warnings: [],
    auditAnnotations: new Map(),
    endings: [],
  } as unknown as Call<WriteParts>;
  const object = { kind: 'Lamp', apiVersion: 'example.com/v1', metadata: { name: 'one' } };
  const decode = async () => asIncoming(structuredClone(object));
  const created = await createNew(call, { decode, options: {} });
  const change = async (stored: KubernetesObject) =>
    asIncoming({ ...structuredClone(stored), isOn: true } as KubernetesObject);
  const replaced = await replaceObject(call, { change, options: {} });
  const place = { namespace: 'a', name: 'one' };
  const marked = await deleteObject(call, place, { propagationPolicy: 'Foreground' });
  assert.ok(marked.kind === 'marked');
  for (const { entry } of [created, replaced, marked]) {
    assert.ok(entry !== undefined && asStored.has(entry));
  }
});
