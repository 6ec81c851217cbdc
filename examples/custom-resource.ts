// Defines a resource of its own and uses it like a built-in one.
import { defineKind, isAlreadyExists } from '@fairway/client';
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

// Whoever runs this again finds both already there.
const unlessThere = (error: unknown): void => {
  if (!isAlreadyExists(error)) throw error;
};

const spec = {
  type: 'object',
  properties: { port: { type: 'string' }, crew: { type: 'integer' } },
};
const definition: CustomResourceDefinition = {
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
};
await client.create(CustomResourceDefinition, definition).catch(unlessThere);
await client.waitFor(CustomResourceDefinition, 'ships.fairway.example', {
  condition: 'Established',
});

const ship = { metadata: { name: 'argo' }, spec: { port: 'Iolcus', crew: 50 } };
await client.create(Ship, ship).catch(unlessThere);
const argo = await client.get(Ship, 'argo');
console.log(`${argo.metadata?.name} lies in ${argo.spec?.port}`);
