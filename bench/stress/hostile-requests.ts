import { configMaps } from './stress.ts';

export interface HostileRequest {
  readonly name: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
  /** What is large but allowed may be carried out as well. */
  readonly mayBeDone?: boolean;
}

const json = 'application/json';
const yaml = 'application/yaml';
const jsonPatch = 'application/json-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** The object that hostile patches are aimed at, and the definition of the objects that grow. */
export const victims = {
  configMap: { path: configMaps, body: { metadata: { name: 'victim' }, data: { a: 'b' } } },
  deployment: {
    path: '/apis/apps/v1/namespaces/default/deployments',
    body: {
      metadata: { name: 'victim' },
      spec: {
        selector: { matchLabels: { app: 'victim' } },
        template: {
          metadata: { labels: { app: 'victim' } },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        },
      },
    },
  },
  definition: { path: definitions, body: definition('growers', growingSchema()) },
} as const;

/** What callers have sent to stop a server: each must be refused, soon. */
export function hostileRequests(unique: string): readonly HostileRequest[] {
  const post = (name: string, contentType: string, path: string, body: string): HostileRequest => ({
    name,
    method: 'POST',
    path,
    contentType,
    body,
  });
  const patch = (name: string, operations: readonly object[]): HostileRequest => ({
    name,
    method: 'PATCH',
    path: `${configMaps}/victim`,
    contentType: jsonPatch,
    body: JSON.stringify(operations),
  });
  return [
    post('YAML of commas', yaml, configMaps, `[${','.repeat(260_000)}]`),
    ...['&a ', '!a ', '*a '].map((mark) =>
      post(`YAML of ${mark.trim()}`, yaml, configMaps, mark.repeat(80_000)),
    ),
    post('YAML of brackets', yaml, configMaps, '['.repeat(200_000)),
    patch('JSON Patch that moves a list about', [
      { op: 'add', path: '/x', value: Array.from({ length: 100_000 }, () => 0) },
      ...Array.from({ length: 5_000 }, () => [
        { op: 'move', from: '/x', path: '/y' },
        { op: 'move', from: '/y', path: '/x' },
      ]).flat(),
    ]),
    patch('JSON Patch that adds in front', [
      { op: 'add', path: '/x', value: Array.from({ length: 100_000 }, () => 0) },
      ...Array.from({ length: 10_000 }, () => ({ op: 'add', path: '/x/0', value: 0 })),
    ]),
    patch('JSON Patch that doubles', [
      { op: 'add', path: '/x', value: { a: 'x'.repeat(1_000) } },
      ...Array.from({ length: 40 }, (_, at) => ({ op: 'copy', from: '/x', path: `/x/c${at}` })),
    ]),
    {
      name: 'strategic patch that makes an object too large',
      method: 'PATCH',
      path: `${victims.deployment.path}/victim`,
      contentType: strategic,
      body: patchOfVariables(20_000),
    },
    {
      name: 'strategic patch that makes an object large',
      method: 'PATCH',
      path: `${victims.deployment.path}/victim`,
      contentType: strategic,
      body: patchOfVariables(10_000),
      mayBeDone: true,
    },
    post(
      'defaults that grow a thousandfold',
      json,
      '/apis/stress.example.com/v1/namespaces/default/growers',
      JSON.stringify({
        apiVersion: 'stress.example.com/v1',
        kind: 'Grower',
        metadata: { name: `g-${unique}` },
        spec: { items: Array.from({ length: 300_000 }, () => ({})) },
      }),
    ),
    ...['(a)\\1', '(a{1,1000}){1,1000}b', '['].map((pattern) =>
      post(`pattern ${pattern}`, json, definitions, patterned(pattern, unique)),
    ),
    {
      ...post('20,000 owner references', json, configMaps, ownedByMany(unique)),
      mayBeDone: true,
    },
  ];
}

function patchOfVariables(count: number): string {
  const env = Array.from({ length: count }, (_, at) => ({ name: `V${at}`, value: 'x'.repeat(90) }));
  return JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'c', env }] } } } });
}

function ownedByMany(unique: string): string {
  const ownerReferences = Array.from({ length: 20_000 }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'Node',
    name: `n${at}`,
    uid: `u${at}`,
  }));
  return JSON.stringify({ metadata: { name: `owned-${unique}`, ownerReferences } });
}

function growingSchema(): object {
  const item = {
    type: 'object',
    properties: { text: { type: 'string', default: 'x'.repeat(10_000) } },
  };
  return {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { items: { type: 'array', items: item } } },
    },
  };
}

function patterned(pattern: string, unique: string): string {
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { a: { type: 'string', pattern } } } },
  };
  return JSON.stringify(definition(`patterned${unique}`, schema));
}

function definition(plural: string, openAPIV3Schema: object): object {
  const kind = `${plural.charAt(0).toUpperCase()}${plural.slice(1).replace(/s$/, '')}`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.stress.example.com` },
    spec: {
      group: 'stress.example.com',
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}
