import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import {
  decodeKubernetesProtobuf,
  encodeKubernetesProtobuf,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';
import { protobufTable } from '@fairway/kinds/protobuf';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const sizes = '/apis/example.com/v1/namespaces/default/sizes';
const pods = '/api/v1/namespaces/default/pods';

const int64 = { type: 'integer', format: 'int64' };
const most = 2n ** 63n - 1n;

const sizeDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'sizes.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'sizes', kind: 'Size' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'N', type: 'integer', jsonPath: '.spec.n' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  n: { ...int64, maximum: most },
                  text: { type: 'string' },
                  usual: { ...int64, default: most },
                  set: { type: 'array', items: int64, 'x-kubernetes-list-type': 'set' },
                  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
                'x-kubernetes-validations': [
                  { rule: '!has(self.text) || string(self.n) == self.text' },
                ],
              },
              status: { type: 'object', properties: { n: int64 } },
            },
          },
        },
      },
    ],
  },
};

async function startWithSizes(): Promise<TestServer> {
  const server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  await server.expect(201, 'POST', definitions, { body: sizeDefinition });
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  return server;
}

/** Those that a number holds, those that it does not, and the ends of both. */
const integers = fc.oneof(
  fc.bigInt(-(2n ** 63n), most),
  fc.constantFrom(most, -most - 1n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n),
);

/** As `parseJson` has it. */
function valueOf(integer: bigint): number | bigint {
  const value = Number(integer);
  return Number.isSafeInteger(value) ? value : integer;
}

const patched = (kind: string) => ({ 'content-type': `application/${kind}-patch+json` });
const applied = { 'content-type': 'application/apply-patch+yaml' };
const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

test('an integer of 64 bits survives every way into a custom resource and out of it', async () => {
  await using server = await startWithSizes();
  let version = '';
  let count = 0;
  const specIn = (text: string): Readonly<Record<string, unknown>> => {
    const object = parseJson(text) as {
      spec: Record<string, unknown>;
      metadata: { resourceVersion: string };
    };
    version = object.metadata.resourceVersion;
    return object.spec;
  };
  await fc.assert(
    fc.asyncProperty(integers, integers, async (one, other) => {
      fc.pre(one !== other);
      const [n, m] = [valueOf(one), valueOf(other)];
      const name = `size-${++count}`;
      const size = (spec: object): object => ({
        apiVersion: 'example.com/v1',
        kind: 'Size',
        metadata: { name },
        spec,
      });
      const spec = { n, text: String(one), set: [n], any: { deep: [{ m }] } };
      const whole = { ...spec, usual: most };
      const { text: dry } = await server.expect(201, 'POST', `${sizes}?dryRun=All`, {
        body: size(spec),
      });
      assert.deepEqual(specIn(dry), whole, 'dry run');
      const { text: created } = await server.expect(201, 'POST', sizes, {
        headers: { 'content-type': 'application/yaml' },
        body: stringifyJson(size(spec)),
      });
      assert.deepEqual(specIn(created), whole, 'created from YAML');
      await using watch = await server.watch(`${sizes}?watch=1&resourceVersion=${version}`);
      const path = `${sizes}/${name}`;
      const { text: merged } = await server.expect(200, 'PATCH', path, {
        headers: patched('merge'),
        body: { spec: { n: m, text: String(other) } },
      });
      assert.deepEqual(specIn(merged), { ...whole, n: m, text: String(other) }, 'merge patch');
      const chunk = Buffer.from((await watch.nextChunk()) ?? []).toString();
      const event = parseJson(chunk) as { object: { spec: { n: unknown } } };
      assert.equal(event.object.spec.n, m, 'watch');
      const { text: operated } = await server.expect(200, 'PATCH', path, {
        headers: patched('json'),
        body: [
          { op: 'test', path: '/spec/n', value: m },
          { op: 'replace', path: '/spec/n', value: n },
          { op: 'copy', from: '/spec/n', path: '/spec/any/n' },
          { op: 'replace', path: '/spec/text', value: String(one) },
        ],
      });
      assert.deepEqual(specIn(operated), { ...whole, any: { ...spec.any, n } }, 'JSON patch');
      const apply = (manager: string, body: object) =>
        server.request('PATCH', `${path}?fieldManager=${manager}`, { headers: applied, body });
      const owned = await apply('one', size({ set: [n, m], usual: 5 }));
      assert.equal(owned.status, 409, owned.text);
      const forced = await apply('one&force=true', size({ set: [n, m], usual: m }));
      assert.deepEqual(specIn(forced.text)['set'], [n, m], 'applied');
      assert.equal(specIn(forced.text)['usual'], m, 'applied');
      assert.ok(forced.text.includes(`"v:${m}":{}`), 'managed fields');
      const again = await apply('one', size({ set: [m], usual: m }));
      assert.deepEqual(specIn(again.text)['set'], [n, m], 'applied again');
      const { text: stated } = await server.expect(200, 'PATCH', `${path}/status`, {
        headers: patched('merge'),
        body: { status: { n: m } },
      });
      assert.ok(stated.includes(`"status":{"n":${m}}`), 'status');
      const { text: put } = await server.expect(200, 'PUT', path, { body: stated });
      assert.equal(specIn(put)['n'], n, 'put');
      const { text: table } = await server.expect(200, 'GET', sizes, { headers: asTable });
      assert.ok(table.includes(`"cells":["${name}",${n}]`), table);
      const { text: pretty } = await server.expect(200, 'GET', `${sizes}?pretty=1`);
      assert.ok(pretty.includes(`"n": ${n},`), pretty);
      const { text: yaml } = await server.expect(200, 'GET', path, {
        headers: { accept: 'application/yaml' },
      });
      assert.ok(yaml.includes(`  "n": ${n}\n`), yaml);
      await server.expect(200, 'DELETE', path);
    }),
    { numRuns: 20, endOnFailure: true, examples: [[2n ** 53n + 1n, most]] },
  );
});

test('what does not fit is refused with all its digits', async () => {
  await using server = await startWithSizes();
  const body = (n: string): string =>
    `{"kind":"Size","apiVersion":"example.com/v1","metadata":{"name":"b"},"spec":{"n":${n}}}`;
  const { json } = await server.expect(422, 'POST', sizes, {
    body: body('9223372036854775807,"text":"9223372036854775806"'),
  });
  assert.match(json.message, /failed rule/);
  const { json: beyond } = await server.expect(422, 'POST', sizes, {
    body: body('9223372036854775808'),
  });
  assert.match(beyond.message, /type integer with format int64/);
  const { json: twice } = await server.expect(422, 'POST', sizes, {
    body: body('1,"set":[9007199254740993,9007199254740993]'),
  });
  assert.match(twice.message, /Duplicate value: 9007199254740993/);
});

test('an integer of 64 bits survives in a built-in object', async () => {
  await using server = await startWithSizes();
  const graceSeconds = 2n ** 53n + 1n;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: {
      terminationGracePeriodSeconds: graceSeconds,
      nodeName: 'n',
      containers: [{ name: 'c', image: 'i' }],
    },
  };
  const asProtobuf = 'application/vnd.kubernetes.protobuf';
  const table = protobufTable();
  const created = await server.expect(201, 'POST', pods, {
    headers: { 'content-type': asProtobuf, accept: asProtobuf },
    body: encodeKubernetesProtobuf(pod, table),
  });
  const { object } = decodeKubernetesProtobuf(created.bytes, table) as unknown as {
    object: typeof pod;
  };
  assert.equal(object.spec.terminationGracePeriodSeconds, graceSeconds);
  const digits = /"terminationGracePeriodSeconds":9223372036854775807[,}]/;
  const { text: patchedPod } = await server.expect(200, 'PATCH', `${pods}/p?dryRun=All`, {
    headers: patched('strategic-merge'),
    body: { spec: { terminationGracePeriodSeconds: graceSeconds, activeDeadlineSeconds: 5 } },
  });
  assert.match(patchedPod, /"terminationGracePeriodSeconds":9007199254740993[,}]/);
  const { json } = await server.expect(422, 'PATCH', `${pods}/p`, {
    headers: patched('strategic-merge'),
    body: { spec: { activeDeadlineSeconds: most } },
  });
  assert.match(json.message, /Invalid value: 9223372036854775807: must be between 1 and/);
  const { json: forbidden } = await server.expect(422, 'PATCH', `${pods}/p`, {
    headers: patched('strategic-merge'),
    body: { spec: { nodeName: 'other', hostNetwork: true } },
  });
  assert.match(forbidden.message, /pod updates may not change fields other than/);
  const { text: deployed } = await server.expect(
    201,
    'POST',
    '/apis/apps/v1/namespaces/default/deployments',
    {
      body: {
        metadata: { name: 'd' },
        spec: {
          selector: { matchLabels: { a: 'b' } },
          template: {
            metadata: { labels: { a: 'b' } },
            spec: { ...pod.spec, nodeName: '', terminationGracePeriodSeconds: most },
          },
        },
      },
    },
  );
  assert.match(deployed, digits);
  // A time of so many seconds has no end that anybody could wait for, and no date.
  const { text: deleted } = await server.expect(200, 'DELETE', `${pods}/p`);
  assert.match(deleted, /"deletionGracePeriodSeconds":9007199254740993[,}]/);
  await server.expect(200, 'DELETE', `${pods}/p?gracePeriodSeconds=9223372036854775807`);
  await server.expect(200, 'DELETE', `${pods}/p`, { body: { gracePeriodSeconds: 0 } });
});

test('a long integer in the place of something else is refused as any number is', async () => {
  await using server = await startTestServer();
  const path = '/api/v1/namespaces/default/configmaps/c';
  for (const [body, message] of [
    [{ kind: 2n ** 53n + 1n }, /must be DeleteOptions, not 9007199254740993/],
    [{ dryRun: [2n ** 53n + 1n] }, /cannot unmarshal number into .* DeleteOptions.dryRun/],
    [{ preconditions: { uid: most } }, /cannot unmarshal number into .* DeleteOptions.precond/],
  ] as const) {
    const { json } = await server.expect(400, 'DELETE', path, { body });
    assert.match(json.message, message);
  }
});

test('a number that is not written as an integer is none, also where a patch brings it', async () => {
  await using server = await startWithSizes();
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  };
  const spec = { selector: { matchLabels: { a: 'b' } }, template };
  await server.expect(201, 'POST', path, { body: { metadata: { name: 'd' }, spec } });
  const patch = (kind: string, body: string) =>
    server.request('PATCH', `${path}/d`, { headers: patched(kind), body });
  for (const number of ['5.0', '1e1', '9223372036854775808']) {
    const merge = `{"spec":{"replicas":${number}}}`;
    const operations = `[{"op":"replace","path":"/spec/replicas","value":${number}}]`;
    for (const [kind, body] of [
      ['merge', merge],
      ['json', operations],
    ] as const) {
      const { status, json } = await patch(kind, body);
      assert.equal(status, 422, `${kind} ${number}`);
      assert.ok(json.message.includes(`cannot unmarshal number ${number} into`), json.message);
    }
  }
  // A strategic merge patch is read before it is laid over, and then only what it says counts.
  assert.equal((await patch('strategic-merge', '{"spec":{"replicas":5.0}}')).status, 200);
  const yaml =
    'kind: Size\napiVersion: example.com/v1\nmetadata: {name: e}\nspec: {"n": 5.0, set: [1e1]}\n';
  const { text } = await server.expect(201, 'POST', sizes, {
    headers: { 'content-type': 'application/yaml' },
    body: yaml,
  });
  assert.match(text, /"n":5,"set":\[10\]/);
});
