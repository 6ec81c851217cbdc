import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type HttpRequest, apiError, notFound } from '@fairway/protocol';
import { createClient } from './client.ts';
import { type Discovery, createDiscovery } from './discovery.ts';

const pods = {
  resource: 'pods',
  responseKind: { group: '', version: 'v1', kind: 'Pod' },
  scope: 'Namespaced',
  singularResource: 'pod',
  verbs: ['get', 'list'],
  shortNames: ['po'],
  subresources: [{ subresource: 'log' }],
};
const certificates = {
  resource: 'certificates',
  responseKind: { kind: 'Certificate' },
  scope: 'Namespaced',
  singularResource: 'certificate',
  shortNames: ['cert'],
};

/** Documents of discovery in which anything may be anything. */
const field = (name: string, value: fc.Arbitrary<unknown>) =>
  fc
    .option(fc.oneof(value, fc.jsonValue({ maxDepth: 1 })), { nil: undefined })
    .map((some) => [name, some] as const);
const record = (...fields: readonly fc.Arbitrary<readonly [string, unknown]>[]) =>
  fc.tuple(...fields).map((entries) => Object.fromEntries(entries));
const text = fc.constantFrom('', 'v1', 'apps', 'pods', '..', 'a/b', 'pods/log', '%');
const resource = record(
  field('resource', text),
  field('name', text),
  field('kind', text),
  field('responseKind', record(field('kind', text))),
  field('shortNames', fc.array(text)),
  field('subresources', fc.array(record(field('subresource', text)))),
);
const version = record(field('version', text), field('resources', fc.array(resource)));
const said = record(
  field('kind', fc.constantFrom('APIGroupDiscoveryList', 'APIGroupList', 'APIVersions')),
  field(
    'items',
    fc.array(
      record(field('metadata', record(field('name', text))), field('versions', fc.array(version))),
    ),
  ),
  field('versions', fc.array(text)),
  field(
    'groups',
    fc.array(
      record(
        field('name', text),
        field('versions', fc.array(version)),
        field('preferredVersion', version),
      ),
    ),
  ),
  field('resources', fc.array(resource)),
);

test('createDiscovery() finds a resource by every name that people use', async () => {
  const { discovery } = over({ '/api': aggregate('', [pods]), '/apis': certManager });
  for (const name of ['pods', 'pod', 'Pod', 'po', 'pods.v1']) {
    const found = await discovery.find(name);
    assert.deepEqual([found?.kind, found?.group, found?.isNamespaced], ['Pod', '', true], name);
    assert.deepEqual(found?.subresources, ['log']);
  }
  for (const name of ['cert', 'Certificate.cert-manager.io', 'certificates.v1.cert-manager.io']) {
    assert.equal((await discovery.find(name))?.group, 'cert-manager.io', name);
  }
});

test('createDiscovery() asks once, and once more for a name that it does not know', async () => {
  const { discovery, asked } = over({ '/api': aggregate('', [pods]), '/apis': aggregate('', []) });
  await Promise.all([discovery.find('pods'), discovery.find('po')]);
  assert.equal(asked.length, 2);
  assert.equal(await discovery.find('widgets'), undefined);
  assert.equal(asked.length, 4);
  for (const name of ['', '.', 'pods.nowhere']) assert.equal(await discovery.find(name), undefined);
});

test('createDiscovery() survives whatever a server says of itself', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 4 }), async (documents) => {
      const at = (index: number): unknown => documents[index % documents.length];
      const answers = { '/api': at(0), '/apis': at(1), '/api/v1': at(2), '/apis/apps/v1': at(3) };
      const { discovery } = over(answers as Readonly<Record<string, object>>);
      for (const { plural, version } of await discovery.resources()) {
        assert.ok(plural !== '' && version !== '');
      }
      assert.equal(await discovery.find('nothing-like-this'), undefined);
    }),
    { numRuns: 60 },
  );
});

test('createDiscovery() does not ask for versions without end', async () => {
  const groups = Array.from({ length: 2_001 }, (_, at) => ({
    name: `g${at}`,
    versions: [{ version: 'v1' }],
  }));
  const { discovery, asked } = over({
    '/api': { kind: 'APIVersions', versions: [] },
    '/apis': { kind: 'APIGroupList', groups },
  });
  await assert.rejects(discovery.resources(), { problem: 'malformed-answer' });
  assert.equal(asked.length, 2);
});

test('createDiscovery() asks each version of a server that knows no aggregated discovery', async () => {
  const { discovery } = over({
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      groups: [
        {
          name: 'apps',
          versions: [{ version: 'v1beta1' }, { version: 'v1' }],
          preferredVersion: { version: 'v1' },
        },
      ],
    },
    '/api/v1': resourceList('pods', 'Pod'),
    '/apis/apps/v1': resourceList('deployments', 'Deployment'),
    '/apis/apps/v1beta1': resourceList('deployments', 'Deployment'),
  });
  const found = await discovery.find('deploy');
  assert.deepEqual([found?.version, found?.subresources], ['v1', ['scale']]);
  assert.equal((await discovery.find('deployments.v1beta1.apps'))?.version, 'v1beta1');
});

test('createDiscovery() finds what works while a server behind the API is down', async () => {
  const { discovery } = over(
    {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [{ name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] }],
      },
      '/api/v1': resourceList('pods', 'Pod'),
    },
    (path) => {
      if (path.startsWith('/apis/metrics')) throw apiError('ServiceUnavailable', 'no endpoints');
    },
  );
  assert.equal((await discovery.find('pods'))?.kind, 'Pod');
  const { unknown } = await discovery.survey();
  assert.deepEqual(unknown, [{ group: 'metrics.k8s.io', version: 'v1beta1', why: 'no endpoints' }]);
});

test('createDiscovery() tells of which versions it is not known any more what they have', async () => {
  const [stale, current] = ['Stale', 'Current'].map((freshness, at) => ({
    version: `v${at + 1}`,
    freshness,
    resources: [certificates],
  }));
  const { discovery } = over({
    '/api': { kind: 'APIVersions', versions: [] },
    '/apis': {
      kind: 'APIGroupDiscoveryList',
      items: [{ metadata: { name: 'sea.example' }, versions: [stale, current] }],
    },
  });
  const { resources, unknown } = await discovery.survey();
  assert.deepEqual(
    resources.map((each) => each.version),
    ['v2'],
  );
  const why = 'stale GroupVersion discovery: sea.example/v1';
  assert.deepEqual(unknown, [{ group: 'sea.example', version: 'v1', why }]);
});

test('createDiscovery() hides no name behind the short name of another resource', async () => {
  const shadow = {
    ...pods,
    resource: 'shadows',
    singularResource: 'shadow',
    shortNames: ['nodes'],
  };
  const nodes = { ...pods, resource: 'nodes', responseKind: { kind: 'Node' }, shortNames: [] };
  const { discovery } = over({ '/api': aggregate('', [shadow, nodes]) });
  assert.equal((await discovery.find('nodes'))?.kind, 'Node');
});

test('createDiscovery() remembers no failure', async () => {
  let isDown = true;
  const { discovery } = over({ '/api': aggregate('', [pods]), '/apis': aggregate('', []) }, () => {
    if (isDown) throw new Error('down');
  });
  await assert.rejects(discovery.find('pods'), /down/);
  isDown = false;
  assert.equal((await discovery.find('pods'))?.plural, 'pods');
});

const certManager = aggregate('cert-manager.io', [certificates]);

function aggregate(group: string, resources: readonly object[]): object {
  const versions = [{ version: 'v1', resources }];
  const metadata = group === '' ? {} : { name: group };
  return { kind: 'APIGroupDiscoveryList', items: [{ metadata, versions }] };
}

function resourceList(name: string, kind: string): object {
  const resource = { singularName: '', namespaced: true, kind, verbs: ['get'] };
  const resources = [
    { ...resource, name, shortNames: [name.slice(0, 6)] },
    { ...resource, name: `${name}/scale`, kind: 'Scale' },
  ];
  return { kind: 'APIResourceList', resources };
}

function over(
  documents: Readonly<Record<string, object>>,
  before: (path: string) => void = () => {},
): { discovery: Discovery; asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  const client = createClient({
    clock: new ManualClock(),
    random: seededRandom(1),
    async transport(request) {
      asked.push(request);
      before(request.path);
      const document = documents[request.path];
      if (document === undefined)
        throw notFound({ group: '', plural: 'paths', name: request.path });
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(document)) };
    },
  });
  return { discovery: createDiscovery(client), asked };
}
