import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const cronTabs = '/apis/stable.example.com/v1/namespaces/default/crontabs';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['cronSpec'],
      properties: {
        cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
        image: { type: 'string', default: 'busybox' },
        replicas: { type: 'integer', minimum: 1, maximum: 10 },
        port: { 'x-kubernetes-int-or-string': true },
        suspend: { type: 'boolean', nullable: true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: {
      type: 'object',
      properties: { replicas: { type: 'integer' }, selector: { type: 'string' } },
    },
  },
};

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        selectableFields: [{ jsonPath: '.spec.image' }],
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
        additionalPrinterColumns: [
          { name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' },
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        deprecated: true,
        schema: { openAPIV3Schema: schema },
      },
    ],
  },
};

function cronTab(spec: object = {}): object {
  return {
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    metadata: { name: 'mine' },
    spec: { cronSpec: '* * * * */5', ...spec },
  };
}

/** A definition with changes on top of the usual one. */
function changedDefinition(change: (draft: typeof definition) => void): object {
  const draft = structuredClone(definition);
  change(draft);
  return draft;
}

/** Lets the server's own loops go on until a path answers so. */
async function eventually(server: TestServer, code: number, path: string): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if ((await server.request('GET', path)).status === code) return;
    await settle();
  }
  await server.expect(code, 'GET', path);
}

async function startWithDefinition(): Promise<TestServer> {
  const server = await startTestServer();
  await server.expect(201, 'POST', definitions, { body: definition });
  await settle();
  return server;
}

suite('custom resources', () => {
  test('a definition is established, discovered and described', async () => {
    await using server = await startWithDefinition();
    const path = `${definitions}/crontabs.stable.example.com`;
    const { json } = await server.expect(200, 'GET', path);
    assert.deepEqual(
      json['status'].conditions.map(
        ({ lastTransitionTime: _, ...rest }: Record<string, string>) => rest,
      ),
      [
        {
          type: 'NamesAccepted',
          status: 'True',
          reason: 'NoConflicts',
          message: 'no conflicts found',
        },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
    );
    assert.deepEqual(json['status'].storedVersions, ['v1']);
    assert.equal(json['status'].acceptedNames.listKind, 'CronTabList');
    const list = await server.expect(200, 'GET', '/apis/stable.example.com/v1');
    assert.deepEqual(
      list.json['resources'].map(({ name }: { name: string }) => name),
      ['crontabs', 'crontabs/status', 'crontabs/scale'],
    );
    const document = await server.expect(200, 'GET', '/openapi/v3/apis/stable.example.com/v1');
    const described = document.json['components'].schemas['com.example.stable.v1.CronTab'];
    const { port, ...properties } = schema.properties.spec.properties;
    assert.deepEqual(described.properties.spec, {
      ...schema.properties.spec,
      properties: {
        ...properties,
        port: { ...port, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      },
    });
    assert.ok('com.example.stable.v1.CronTabList' in document.json['components'].schemas);
    const older = await server.expect(200, 'GET', '/openapi/v2');
    const { spec } = older.json['definitions']['com.example.stable.v1.CronTab'].properties;
    assert.equal(spec.properties.image.default, 'busybox');
  });

  test('an object is pruned, completed, stored and read in every version', async () => {
    await using server = await startWithDefinition();
    const body = cronTab({ replicas: 3, extra: 1, free: { any: { thing: [1] } } });
    const created = await server.expect(201, 'POST', cronTabs, { body });
    assert.deepEqual(created.headers['warning'], ['299 - "unknown field \\"spec.extra\\""']);
    assert.deepEqual(created.json['spec'], {
      cronSpec: '* * * * */5',
      replicas: 3,
      free: { any: { thing: [1] } },
      image: 'busybox',
    });
    const older = await server.expect(200, 'GET', `${cronTabs.replace('/v1/', '/v1beta1/')}/mine`);
    assert.equal(older.json.apiVersion, 'stable.example.com/v1beta1');
    assert.deepEqual(older.headers['warning'], [
      '299 - "stable.example.com/v1beta1 CronTab is deprecated; use stable.example.com/v1 CronTab"',
    ]);
    const selected = await server.expect(
      200,
      'GET',
      `${cronTabs}?fieldSelector=spec.image=busybox`,
    );
    assert.equal(selected.json.kind, 'CronTabList');
    assert.equal(selected.json.items.length, 1);
    const none = await server.expect(200, 'GET', `${cronTabs}?fieldSelector=spec.image=other`);
    assert.equal(none.json.items.length, 0);
    const wrong = await server.expect(400, 'GET', `${cronTabs}?fieldSelector=spec.port=1`);
    assert.equal(wrong.json.message, 'field label not supported: spec.port');
  });

  test('unknown fields are refused when the caller is strict', async () => {
    await using server = await startWithDefinition();
    const body = cronTab({ extra: 1, more: { nested: 1 } });
    const { json } = await server.expect(400, 'POST', `${cronTabs}?fieldValidation=Strict`, {
      body,
    });
    assert.equal(
      json.message,
      'CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "spec.extra", unknown field "spec.more"',
    );
  });

  test('wrong values are refused in the words of the API', async () => {
    await using server = await startWithDefinition();
    const body = cronTab({
      cronSpec: 'often',
      replicas: 'string',
      port: true,
      image: null,
      suspend: null,
    });
    const { json } = await server.expect(422, 'POST', cronTabs, { body });
    assert.equal(json.reason, 'Invalid');
    assert.deepEqual(json['details'].causes, [
      {
        reason: 'FieldValueInvalid',
        message:
          'Invalid value: "often": spec.cronSpec in body should match \'^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$\'',
        field: 'spec.cronSpec',
      },
      {
        reason: 'FieldValueTypeInvalid',
        message: 'Invalid value: "string": spec.replicas in body must be of type integer: "string"',
        field: 'spec.replicas',
      },
      {
        reason: 'FieldValueTypeInvalid',
        message:
          'Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
        field: 'spec.port',
      },
    ]);
  });

  test('status and scale are written on their own', async () => {
    await using server = await startWithDefinition();
    const body = { ...cronTab({ replicas: 2 }), status: { replicas: 9 } };
    const created = await server.expect(201, 'POST', cronTabs, { body });
    assert.equal(created.json['status'], undefined);
    assert.equal(created.json.metadata.generation, 1);
    const headers = { 'content-type': 'application/merge-patch+json' };
    const path = `${cronTabs}/mine`;
    const status = { status: { replicas: 2, selector: 'app=x' }, spec: { image: 'other' } };
    const patched = await server.expect(200, 'PATCH', `${path}/status`, { body: status, headers });
    assert.deepEqual(patched.json['status'], { replicas: 2, selector: 'app=x' });
    assert.equal(patched.json['spec'].image, 'busybox');
    assert.equal(patched.json.metadata.generation, 1);
    const scale = { spec: { replicas: 5 } };
    const scaled = await server.expect(200, 'PATCH', `${path}/scale`, { body: scale, headers });
    assert.deepEqual(scaled.json['spec'], { replicas: 5 });
    assert.deepEqual(scaled.json['status'], { replicas: 2, selector: 'app=x' });
    const after = await server.expect(200, 'GET', path);
    assert.equal(after.json['spec'].replicas, 5);
    assert.equal(after.json.metadata.generation, 2);
  });

  test('a table shows the columns of the definition', async () => {
    await using server = await startWithDefinition();
    await server.expect(201, 'POST', cronTabs, { body: cronTab({ replicas: 3 }) });
    await server.clock.advance(90_000);
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { json } = await server.expect(200, 'GET', cronTabs, { headers: { accept } });
    assert.deepEqual(
      json['columnDefinitions'].map(({ name, priority }: Record<string, unknown>) => [
        name,
        priority,
      ]),
      [
        ['Name', 0],
        ['Spec', 0],
        ['Replicas', 1],
        ['Age', 0],
      ],
    );
    assert.deepEqual(json['rows'][0].cells, ['mine', '* * * * */5', 3, '90s']);
  });

  test('what was wrong before may stay when it is not touched', async () => {
    await using server = await startWithDefinition();
    await server.expect(201, 'POST', cronTabs, { body: cronTab({ replicas: 3 }) });
    const path = `${definitions}/crontabs.stable.example.com`;
    const headers = { 'content-type': 'application/json-patch+json' };
    const maximum =
      '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/replicas/maximum';
    const stricter = [{ op: 'replace', path: maximum, value: 2 }];
    await server.expect(200, 'PATCH', path, { body: stricter, headers });
    await settle();
    const merge = { 'content-type': 'application/merge-patch+json' };
    const image = { spec: { image: 'other' } };
    await server.expect(200, 'PATCH', `${cronTabs}/mine`, { body: image, headers: merge });
    const replicas = { spec: { replicas: 4 } };
    const refused = await server.expect(422, 'PATCH', `${cronTabs}/mine`, {
      body: replicas,
      headers: merge,
    });
    assert.equal(
      refused.json.message,
      'CronTab.stable.example.com "mine" is invalid: spec.replicas: Invalid value: 4: spec.replicas in body should be less than or equal to 2',
    );
  });

  test('a watch sees an object come and go', async () => {
    await using server = await startWithDefinition();
    await using watch = await server.watch(`${cronTabs}?watch=true`);
    const seen = watch.take(2);
    await settle();
    await server.expect(201, 'POST', cronTabs, { body: cronTab() });
    await server.expect(200, 'DELETE', `${cronTabs}/mine`);
    assert.deepEqual(await seen, ['ADDED mine', 'DELETED mine']);
  });

  test('a deleted definition takes its objects along, and their finalizers hold it', async () => {
    await using server = await startWithDefinition();
    const held = { ...cronTab(), metadata: { name: 'mine', finalizers: ['example.com/hold'] } };
    await server.expect(201, 'POST', cronTabs, { body: held });
    const path = `${definitions}/crontabs.stable.example.com`;
    await server.expect(200, 'DELETE', path);
    await settle();
    const { json } = await server.expect(200, 'GET', path);
    assert.deepEqual(json.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
    const terminating = json['status'].conditions.at(-1);
    assert.equal(terminating.type, 'Terminating');
    assert.equal(terminating.reason, 'InstanceDeletionInProgress');
    const refused = await server.request('POST', cronTabs, { body: cronTab() });
    assert.equal(refused.status, 403);
    const headers = { 'content-type': 'application/merge-patch+json' };
    const mine = await server.expect(200, 'GET', `${cronTabs}/mine`);
    assert.notEqual(mine.json.metadata.deletionTimestamp, undefined);
    const body = { metadata: { finalizers: null } };
    await server.request('PATCH', `${cronTabs}/mine`, { body, headers });
    await eventually(server, 404, path);
    await eventually(server, 404, cronTabs);
  });

  test('what is left of a deleted definition is looked at when it changes, not all of it each time', async (t) => {
    await using server = await startWithDefinition();
    const names = Array.from({ length: 12 }, (_, at) => `c${at}`);
    for (const name of names) {
      const body = { ...cronTab(), metadata: { name, finalizers: ['example.com/hold'] } };
      await server.expect(201, 'POST', cronTabs, { body });
    }
    const lists = t.mock.method(server.store, 'list');
    const path = `${definitions}/crontabs.stable.example.com`;
    await server.expect(200, 'DELETE', path);
    await settle();
    const headers = { 'content-type': 'application/merge-patch+json' };
    for (const name of names) {
      const body = { metadata: { finalizers: null } };
      await server.expect(200, 'PATCH', `${cronTabs}/${name}`, { body, headers });
      await settle();
    }
    await eventually(server, 404, path);
    const whole = lists.mock.calls.filter(
      ({ arguments: [range, options] }) =>
        range.start.includes('stable.example.com') && options?.limit !== 1,
    );
    assert.ok(whole.length < 4, `${whole.length} lists of all that is left`);
  });

  test('a name that another definition has is not given away', async () => {
    await using server = await startWithDefinition();
    const body = changedDefinition((draft) => {
      draft.metadata.name = 'others.stable.example.com';
      draft.spec.names = { ...draft.spec.names, plural: 'others', kind: 'Other' };
    });
    await server.expect(201, 'POST', definitions, { body });
    await settle();
    const other = await server.expect(200, 'GET', `${definitions}/others.stable.example.com`);
    const [names, established] = other.json['status'].conditions;
    assert.deepEqual(
      [names.reason, names.message],
      ['ShortNamesConflict', '"ct" is already in use'],
    );
    assert.deepEqual([established.status, established.reason], ['False', 'NotAccepted']);
    await server.expect(404, 'GET', '/apis/stable.example.com/v1/others');
    await server.expect(200, 'DELETE', `${definitions}/crontabs.stable.example.com`);
    await eventually(server, 200, '/apis/stable.example.com/v1/others');
  });

  test('a schema that is not structural is refused', async () => {
    await using server = await startTestServer();
    const body = changedDefinition((draft) => {
      const [version] = draft.spec.versions;
      Object.assign(version ?? {}, {
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              untyped: {},
              list: { type: 'array' },
              wrong: { type: 'integer', default: 'x' },
              either: { type: 'object', anyOf: [{ properties: { a: { type: 'string' } } }] },
            },
            anyOf: [{ properties: { other: { minLength: 1 } } }],
          },
        },
        selectableFields: [],
      });
    });
    const { json } = await server.expect(422, 'POST', definitions, { body });
    const root = 'spec.versions[0].schema.openAPIV3Schema';
    const at = `${root}.properties`;
    assert.deepEqual(
      json['details'].causes.map(
        ({ field, message }: Record<string, string>) => `${field}: ${message}`,
      ),
      [
        `${at}[either].anyOf[0].properties[a].type: Forbidden: must be empty to be structural`,
        `${at}[list].items: Required value: must be specified`,
        `${at}[untyped].type: Required value: must not be empty for specified object fields`,
        `${at}[wrong].default: Invalid value: "string":  in body must be of type integer: "string"`,
        `${at}[other]: Required value: because it is defined in ${root}.anyOf[0].properties[other]`,
      ],
    );
  });

  test('a pattern that RE2 does not read is refused, also where a default is held against it', async () => {
    await using server = await startTestServer();
    for (const [pattern, problem] of [
      ['[', 'missing closing ]: `[`'],
      ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
      ['(a)\\1', 'invalid escape sequence: `\\1`'],
      ['(a{1,1000}){1,1000}b', 'invalid repeat count: `{1,1000}`'],
    ] as const) {
      const body = changedDefinition((draft) => {
        const [version] = draft.spec.versions;
        const word = { type: 'string', pattern, default: 'a' };
        const inner = { type: 'string', allOf: [{ pattern }] };
        Object.assign(version ?? {}, {
          schema: { openAPIV3Schema: { type: 'object', properties: { word, inner } } },
        });
      });
      const { json } = await server.expect(422, 'POST', definitions, { body });
      const texts = json['details'].causes.map(
        ({ field, message }: Record<string, string>) => `${field}: ${message}`,
      );
      const at = 'spec.versions[0].schema.openAPIV3Schema.properties';
      const why = `Invalid value: ${JSON.stringify(pattern)}: must be a valid regular expression, but isn't: error parsing regexp: ${problem}`;
      assert.ok(texts.includes(`${at}[word].pattern: ${why}`), texts.join('\n'));
      assert.ok(texts.includes(`${at}[inner].allOf[0].pattern: ${why}`), texts.join('\n'));
    }
  });

  test('a schema may say what is an integer or a string, and what it allows beside its fields', async () => {
    await using server = await startTestServer();
    const body = changedDefinition((draft) => {
      const spec = {
        type: 'object',
        properties: {
          port: { type: 'integer', 'x-kubernetes-int-or-string': true },
          open: {
            type: 'object',
            properties: { a: { type: 'string' } },
            additionalProperties: true,
          },
          closed: { type: 'object', additionalProperties: false },
        },
      };
      for (const { schema: each } of draft.spec.versions) {
        Object.assign(each, { openAPIV3Schema: { type: 'object', properties: { spec } } });
      }
      for (const each of draft.spec.versions) delete each.selectableFields;
    });
    await server.expect(201, 'POST', definitions, { body });
    await settle();
    const spec = { port: '25%', open: { a: 'x', b: 1 } };
    const { json } = await server.expect(201, 'POST', cronTabs, {
      body: { ...cronTab(), spec },
    });
    assert.deepEqual(json['spec'], spec);
  });

  test('a long list is validated in turns that others share', async () => {
    await using server = await startTestServer();
    const body = changedDefinition((draft) => {
      const items = { type: 'string', pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.?)*$' };
      const spec = { type: 'object', properties: { list: { type: 'array', items } } };
      for (const each of draft.spec.versions) {
        Object.assign(each.schema, { openAPIV3Schema: { type: 'object', properties: { spec } } });
        delete each.selectableFields;
      }
    });
    await server.expect(201, 'POST', definitions, { body });
    await settle();
    const list = Array.from({ length: 40_000 }, (_, index) => `name-${index}.example.com`);
    let turns = 0;
    let isDone = false;
    const created = server
      .expect(201, 'POST', cronTabs, { body: { ...cronTab(), spec: { list } } })
      .finally(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await created;
    assert.ok(turns > 5, `only ${turns} turns`);
  });
});

test('a finalizer without a domain is warned of as it is added, and not again', async () => {
  await using server = await startTestServer();
  const schema = { openAPIV3Schema: { type: 'object' } };
  const body = {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
  await server.expect(201, 'POST', definitions, { body });
  for (let turn = 0; turn < 20; turn++) await settle();
  const things = '/apis/example.com/v1/things';
  const finalizers = ['mine', 'orphan', 'example.com/mine'];
  const made = await server.expect(201, 'POST', things, {
    body: { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a', finalizers } },
  });
  assert.deepEqual(made.headers['warning'], [
    '299 - "metadata.finalizers: \\"mine\\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"',
  ]);
  const headers = { 'content-type': 'application/merge-patch+json' };
  const labels = { body: { metadata: { labels: { a: 'b' } } }, headers };
  const changed = await server.expect(200, 'PATCH', `${things}/a`, labels);
  assert.equal(changed.headers['warning'], undefined);
});

test('a field that a changed definition does not have any more is not served', async () => {
  await using server = await startTestServer();
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const things = '/apis/example.com/v1/namespaces/default/things';
  const definition = (fields: readonly string[]): object => ({
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: Object.fromEntries(fields.map((name) => [name, { type: 'string' }])),
            },
          },
        },
      ],
    },
  });
  await server.expect(201, 'POST', crds, { body: definition(['a', 'b']) });
  await server.clock.advance(1_000);
  const body = {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 't' },
    a: 'kept',
    b: 'gone',
  };
  await server.expect(201, 'POST', things, { body });
  const { json } = await server.expect(200, 'GET', `${crds}/things.example.com`);
  const { spec } = definition(['a']) as { spec: object };
  await server.expect(200, 'PUT', `${crds}/things.example.com`, { body: { ...json, spec } });
  await server.clock.advance(1_000);
  const read = await server.expect(200, 'GET', `${things}/t`);
  assert.deepEqual([read.json['a'], read.json['b']], ['kept', undefined]);
  const listed = await server.expect(200, 'GET', things);
  assert.doesNotMatch(listed.text, /gone/);
  // Writing back what was read stores it as it is now, once.
  const { resourceVersion } = read.json.metadata;
  const migrated = await server.expect(200, 'PUT', `${things}/t`, { body: read.json });
  assert.notEqual(migrated.json.metadata.resourceVersion, resourceVersion);
  const again = await server.expect(200, 'PUT', `${things}/t`, { body: migrated.json });
  assert.equal(again.text, migrated.text);
});

test('what a write answers is what a server serves that starts later', async () => {
  await using server = await startTestServer();
  const spec = {
    type: 'object',
    properties: {
      size: { type: 'integer', default: 3 },
      mode: { type: 'string', nullable: true, default: 'on' },
      not: { type: 'string' },
      nested: {
        type: 'object',
        default: {},
        properties: { deep: { type: 'array', default: [{}], items: depthItem } },
      },
      map: { type: 'object', additionalProperties: depthItem },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      pod: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { a: depthItem } },
    },
  };
  const status = {
    type: 'object',
    default: { phase: 'New' },
    properties: { phase: { type: 'string' }, count: { type: 'integer', default: 0 } },
  };
  await server.expect(201, 'POST', definitions, {
    body: changedDefinition((draft) => {
      for (const version of draft.spec.versions) {
        const properties = { spec, status } as unknown as (typeof schema)['properties'];
        version.schema = { openAPIV3Schema: { type: 'object', properties } };
      }
      const [first] = draft.spec.versions;
      // Nothing in the schema has this name.
      if (first?.subresources) first.subresources.scale.specReplicasPath = '.spec.amount';
      Reflect.deleteProperty(first ?? {}, 'selectableFields');
    }),
  });
  await eventually(server, 200, cronTabs);
  await using later = await startTestServer({ openStore: async () => server.store });
  await eventually(later, 200, cronTabs);
  const path = `${cronTabs}/mine`;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', x: 1 }, a: {}, b: 1 };
  const values = { mode: null, not: null, map: { z: {}, 10: { x: 1 } }, free: { b: 1, a: null } };
  const full = {
    ...cronTab({ ...values, pod, unknown: true }),
    status: { phase: 'Mine' },
  };
  const writes: readonly (readonly [string, string, unknown, string?])[] = [
    ['POST', cronTabs, full],
    ['PATCH', path, { spec: { not: null, added: 1, nested: null } }, 'merge'],
    ['PATCH', `${path}/status`, { status: { phase: null, other: 1 } }, 'merge'],
    ['PATCH', `${path}/status`, { status: null }, 'merge'],
    ['PATCH', `${path}/scale`, { spec: { replicas: 4 } }, 'merge'],
    ['PATCH', path, { metadata: { finalizers: ['example.com/hold'] } }, 'merge'],
    ['DELETE', path, undefined],
  ];
  for (const [method, at, body, patch] of writes) {
    const headers = patch && { 'content-type': `application/${patch}-patch+json` };
    const answer = await server.request(method, at, { body, ...(headers ? { headers } : {}) });
    assert.ok(answer.status < 300, `${method} ${at}: ${answer.text}`);
    const [now, fresh] = [await server.request('GET', path), await later.request('GET', path)];
    assert.equal(now.text, fresh.text, `after ${method} ${at} ${JSON.stringify(body)}`);
    if (answer.json.kind === 'CronTab') assert.equal(answer.text, now.text);
  }
});

const depthItem = { type: 'object', properties: { depth: { type: 'integer', default: 1 } } };

test('a conversion that fails fails its request; a watch tells it as an ERROR, and others go on', async () => {
  await using server = await startTestServer();
  const conversion = {
    strategy: 'Webhook',
    webhook: {
      conversionReviewVersions: ['v1'],
      clientConfig: { url: 'https://converter.example.com/' },
    },
  };
  await server.expect(201, 'POST', definitions, {
    body: changedDefinition((draft) => Object.assign(draft.spec, { conversion })),
  });
  await eventually(server, 200, cronTabs);
  const other = cronTabs.replace('/v1/', '/v1beta1/');
  await using stored = await server.watch(`${cronTabs}?watch=true&resourceVersion=0`);
  await using failing = await server.watch(`${other}?watch=true&resourceVersion=0`);
  await server.expect(201, 'POST', cronTabs, { body: cronTab() });
  for (const path of [other, `${other}/mine`]) await server.expect(501, 'GET', path);
  // Labels are looked at first, so what they leave out is not converted.
  await server.expect(200, 'GET', `${other}?labelSelector=a%3Db`);
  await server.expect(501, 'DELETE', `${other}/mine`);
  assert.equal((await failing.next())?.type, 'ERROR');
  await using first = await server.watch(`${other}?watch=true`);
  const event = await first.next();
  assert.deepEqual([event?.type, event?.object.code, event?.object.kind], ['ERROR', 501, 'Status']);
  assert.equal((await stored.next())?.type, 'ADDED');
  await server.expect(200, 'GET', `${cronTabs}/mine`);
});
