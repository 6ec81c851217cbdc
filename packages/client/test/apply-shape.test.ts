import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { Deployment } from '@fairway/kinds/apps/v1';
import { Service } from '@fairway/kinds/core/v1';
import { type ApplyShape, createClient, defineKind } from '@fairway/client';

test('client.apply() takes part of an object, and lists whose items have their keys', async () => {
  const sent: unknown[] = [];
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    fieldManager: 'tests',
    async transport({ body }) {
      sent.push(JSON.parse(new TextDecoder().decode(body as Uint8Array)));
      return { status: 200, headers: {}, body: new TextEncoder().encode('{}') };
    },
  });
  const container = { name: 'web', image: 'web:2', resources: { limits: { cpu: '1' } } };

  await client.apply(Deployment, {
    metadata: { name: 'web' },
    spec: { replicas: 3, template: { spec: { containers: [container] } } },
  });
  await client.apply(Service, { metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } });
  await client.subresource(Deployment, 'web', 'status').apply({ status: { replicas: 1 } });

  assert.deepEqual(sent[0], {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 3, template: { spec: { containers: [container] } } },
  });
});

test('ApplyShape refuses what a server would refuse or ignore', () => {
  const metadata = { name: 'web' };
  const refused: ApplyShape<Deployment>[] = [
    // @ts-expect-error An object without a name.
    { metadata: {} },
    // @ts-expect-error Found by its name.
    { metadata, spec: { template: { spec: { containers: [{ image: 'web:2' }] } } } },
    // @ts-expect-error No field of a deployment.
    { metadata, spec: { replica: 3 } },
    // @ts-expect-error Has a subresource of its own.
    { metadata, status: { replicas: 1 } },
    // @ts-expect-error Set by the server.
    { metadata: { ...metadata, uid: 'a' } },
    // @ts-expect-error Set by the server.
    { metadata: { ...metadata, resourceVersion: '1' } },
    // @ts-expect-error Set by the server.
    { metadata: { ...metadata, managedFields: [] } },
  ];
  assert.equal(refused.length, 7);
  const Ship = defineKind<{ masts: { name: string; metres?: number }[] }>({
    group: 'fairway.example',
    version: 'v1',
    kind: 'Ship',
    plural: 'ships',
    isNamespaced: true,
  });
  type ShipShape = ApplyShape<NonNullable<typeof Ship.objectType>>;
  const named: ShipShape = { metadata, spec: { masts: [{ name: 'main' }] } };
  // @ts-expect-error Found by its name, in custom resources too.
  const unnamed: ShipShape = { metadata, spec: { masts: [{ metres: 30 }] } };
  assert.notDeepEqual(named, unnamed);
});
