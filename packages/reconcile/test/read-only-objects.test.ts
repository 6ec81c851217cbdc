import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, defineKind } from '@fairway/client';
import { createController, createInformer } from '../src/index.ts';
import { ConfigMap } from './test-cluster.ts';

/** A type that somebody has written who did not think of caches. */
interface ShipSpec {
  port: string;
  crew: { name: string }[];
  berths?: Record<string, number>;
}

const Ship = defineKind<ShipSpec>({
  group: 'fairway.example',
  version: 'v1',
  kind: 'Ship',
  plural: 'ships',
  isNamespaced: true,
});

// What is refused here is refused by the compiler: nothing of it runs.
test('objects of caches are read-only at any depth, and can be written back', () => {
  const readOnly = async (client: Client, signal: AbortSignal): Promise<void> => {
    const ships = createInformer(client, Ship, { signal });
    const argo = ships.get('default/argo');
    if (argo?.spec === undefined) return;
    const {
      crew: [first],
      berths,
    } = argo.spec;
    if (first === undefined || berths === undefined) return;
    // @ts-expect-error: a field
    argo.spec.port = 'Colchis';
    // @ts-expect-error: the elements of a list
    argo.spec.crew.push({ name: 'Medea' });
    // @ts-expect-error: a field of an element
    first.name = 'Medea';
    // @ts-expect-error: the values of a map
    berths['a'] = 2;
    for (const each of [...ships.objects(), ...ships.by('port', 'Iolcus')]) {
      // @ts-expect-error: also of those that come together
      each.spec?.crew.pop();
    }
    for await (const { object, old } of ships.changes()) {
      // @ts-expect-error: also of changes
      object.spec?.crew.pop();
      // @ts-expect-error: also as they were before
      old?.spec?.crew.pop();
    }
    await client.replace(Ship, { ...argo, spec: { ...argo.spec, port: 'Colchis' } });
    await client.replace(Ship, argo);
    await client.create(Ship, { metadata: { name: 'copy' }, spec: argo.spec });
    const maps = createInformer(client, ConfigMap, { signal });
    for (const map of maps.objects()) {
      await client.replace(ConfigMap, { ...map, data: { ...map.data, low: '12:30' } });
      // @ts-expect-error: as the guide says, a copy is changed
      if (map.data !== undefined) map.data['low'] = '12:30';
    }
    // @ts-expect-error: a port is a text
    await client.replace(Ship, { ...argo, spec: { ...argo.spec, port: 1 } });
    // @ts-expect-error: a ship has a crew
    await client.create(Ship, { spec: { port: 'Iolcus' } });
    await client.update(Ship, 'argo', (draft) => {
      draft.spec?.crew.push({ name: 'Medea' });
    });
    createController(client, Ship, {
      keep: (object) => {
        // It was just decoded, and nobody else has it.
        delete object.metadata?.managedFields;
        object.spec?.crew.splice(0);
        return object;
      },
      reconcile: async ({ object }) => {
        // @ts-expect-error: also of a reconciliation
        object?.spec?.crew.pop();
      },
    });
  };
  assert.equal(readOnly.length, 2);
});
