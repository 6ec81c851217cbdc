// Defines a resource of its own and uses it like a built-in one.
import { defineKind } from '@fairway/client';
import { connect } from '@fairway/client/connect';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';

const Ship = defineKind<{ port: string; crew?: number }>({
  group: 'fairway.example',
  version: 'v1',
  kind: 'Ship',
  plural: 'ships',
  isNamespaced: true,
});

await using client = await connect();

const spec = {
  type: 'object',
  properties: { port: { type: 'string' }, crew: { type: 'integer' } },
};
await client.create(CustomResourceDefinition, {
  metadata: { name: 'ships.fairway.example' },
  spec: {
    group: 'fairway.example',
    scope: 'Namespaced',
    names: { kind: 'Ship', plural: 'ships', singular: 'ship' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
      },
    ],
  },
});
await client.waitFor(CustomResourceDefinition, 'ships.fairway.example', {
  condition: 'Established',
});

await client.create(Ship, { metadata: { name: 'argo' }, spec: { port: 'Iolcus', crew: 50 } });
const argo = await client.get(Ship, 'argo');
console.log(`${argo.metadata?.name} lies in ${argo.spec?.port}`);
