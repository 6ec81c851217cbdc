import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AskOptions, admin, startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';
const accounts = '/api/v1/namespaces/default/serviceaccounts';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const yaml = { 'content-type': 'application/yaml' };
const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const broken = Buffer.from('k8s\0\xff\xff', 'latin1');
const named = { metadata: { name: 'c' } };

interface Refusal extends AskOptions {
  readonly send: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  readonly code: number;
  readonly message: RegExp;
}

/** What callers may send, each wrong in one way, against a server with a config map `c`. */
const refusals: Readonly<Record<string, Refusal>> = {
  'JSON that is no object': {
    send: `POST ${configMaps}`,
    body: '[]',
    code: 400,
    message: /cannot unmarshal array into Go value of type struct/,
  },
  'YAML that is no object': {
    send: `POST ${configMaps}`,
    headers: yaml,
    body: '- a',
    code: 400,
    message: /yaml parse error: the body must be an object/,
  },
  'protobuf that is none': {
    send: `POST ${configMaps}`,
    headers: protobuf,
    body: broken,
    code: 400,
    message: /the object provided is unrecognized \(must be of type ConfigMap\)/,
  },
  'a kind that is no text': {
    send: `POST ${configMaps}`,
    body: { ...named, kind: 5 },
    code: 400,
    message: /cannot unmarshal number into Go struct field \.kind of type string/,
  },
  'a new object with a version': {
    send: `POST ${configMaps}`,
    body: { metadata: { name: 'd', resourceVersion: '5' } },
    code: 500,
    message: /resourceVersion should not be set on objects to be created/,
  },
  'an object of another name': {
    send: `PUT ${configMaps}/c`,
    body: { metadata: { name: 'd' } },
    code: 400,
    message: /does not match the name on the URL \(c\)/,
  },
  'an object of another namespace': {
    send: `PUT ${configMaps}/c`,
    body: { metadata: { name: 'c', namespace: 'other' } },
    code: 400,
    message: /\(other\) does not match the namespace on the URL \(default\)/,
  },
  'an annotation that another version has as a field, of a wrong type': {
    send: 'POST /apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
    body: {
      metadata: {
        name: 'h',
        annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '[{"type":5}]' },
      },
      spec: {
        maxReplicas: 1,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      },
    },
    code: 400,
    message: /type/,
  },
  'a patch that leaves a value of a wrong type': {
    send: `PATCH ${configMaps}/c`,
    headers: mergePatch,
    body: { data: { k: 5 } },
    code: 422,
    message:
      /^ "" is invalid: patch: Invalid value: .*cannot unmarshal number into Go struct field ConfigMap\.data of type string$/,
  },
  'a patch that leaves another kind': {
    send: `PATCH ${configMaps}/c`,
    headers: mergePatch,
    body: { kind: 'Secret' },
    code: 422,
    message: /^ "" is invalid: patch: Invalid value: .*unknown conversion$/,
  },
  'scaling by no policy at all': {
    send: 'POST /apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    body: {
      metadata: { name: 'h' },
      spec: {
        maxReplicas: 1,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        behavior: { scaleUp: { policies: [] } },
      },
    },
    code: 422,
    message: /spec\.behavior\.scaleUp\.policies: Required value: must specify at least one Policy/,
  },
  'a patch that is no JSON': {
    send: `PATCH ${configMaps}/c`,
    headers: mergePatch,
    body: '{',
    code: 400,
    message: /error decoding patch: json parse error/,
  },
  'options that are no JSON': {
    send: `DELETE ${configMaps}/c`,
    body: '{',
    code: 400,
    message: /cannot read the options in the body/,
  },
  'options in broken protobuf': {
    send: `DELETE ${configMaps}/c`,
    headers: protobuf,
    body: broken,
    code: 400,
    message: /cannot read the options in the body/,
  },
  'more than 1000 options': {
    send: `DELETE ${configMaps}/c`,
    body: { preconditions: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [at, ''])) },
    code: 400,
    message: /more than 1000 fields/,
  },
  'an unknown resource of a known group': {
    send: 'GET /api/v1/nonsense',
    code: 404,
    message: /the server could not find the requested resource/,
  },
  'a verb that a subresource lacks': {
    send: 'DELETE /api/v1/namespaces/default/pods/p/status',
    code: 405,
    message: /the server does not allow this method/,
  },
  'a token that is bound to a pod that is not there': {
    send: `POST ${accounts}/a/token`,
    body: { spec: { boundObjectRef: { kind: 'Pod', name: 'p' } } },
    code: 404,
    message: /pods "p" not found/,
  },
  'a token for too short a time': {
    send: `POST ${accounts}/a/token`,
    body: { spec: { expirationSeconds: 5 } },
    code: 422,
    message: /may not specify a duration less than 10 minutes/,
  },
  'a token for another account than the path says': {
    send: `POST ${accounts}/a/token`,
    body: { metadata: { name: 'other' }, spec: {} },
    code: 422,
    message:
      /"a" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified/,
  },
  'a token for an account of another namespace': {
    send: `POST ${accounts}/a/token`,
    body: { metadata: { namespace: 'other' }, spec: {} },
    code: 422,
    message: /metadata.namespace: .* must match the service account namespace if specified/,
  },
  'a token for nobody': {
    send: `POST ${accounts}/absent/token`,
    body: { spec: { expirationSeconds: 5 } },
    code: 404,
    message: /serviceaccounts "absent" not found/,
  },
};

test('requests are refused for what is wrong with them', async (t) => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: named });
  await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'a' } } });
  for (const [what, { send, code, message, ...options }] of Object.entries(refusals)) {
    await t.test(what, async () => {
      const [method = '', path = ''] = send.split(' ');
      const { json } = await server.expect(code, method, path, options);
      assert.equal(json.kind, 'Status');
      assert.match(json.message, message);
    });
  }
  await server.expect(200, 'GET', `${configMaps}/c`);
});

test('1000 options are not too many', async () => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', configMaps, { body: named });
  const fields = Object.fromEntries(Array.from({ length: 990 }, (_, at) => [at, '']));
  const { json } = await server.expect(200, 'DELETE', `${configMaps}/c`, {
    body: { preconditions: fields },
  });
  assert.equal(json['status'], 'Success');
});

test('definitions are refused for what only the server that serves them can judge', async () => {
  await using server = await startTestServer();
  const column = { name: 'a', type: 'string', jsonPath: 'spec.a' };
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object' } },
    additionalPrinterColumns: [column],
  };
  const body = {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [version],
      preserveUnknownFields: true,
    },
  };
  const { json } = await server.expect(422, 'POST', definitions, { body });
  assert.match(
    json.message,
    /spec\.preserveUnknownFields: Invalid value: true: cannot set to true/,
  );
  assert.match(
    json.message,
    /JSONPath: Invalid value: "spec\.a": must be a simple json path starting with \./,
  );
});

test('custom resources are refused without their kind and version, without one to update, and where a webhook would convert', async () => {
  await using server = await startTestServer();
  const schema = { openAPIV3Schema: { type: 'object' } };
  const clientConfig = { url: 'https://convert.example.com' };
  const body = {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        { name: 'v1', served: true, storage: true, schema },
        { name: 'v2', served: true, storage: false, schema },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig, conversionReviewVersions: ['v1'] },
      },
    },
  };
  await server.expect(201, 'POST', definitions, { body });
  await server.clock.advance(1_000);
  const things = (version: string): string =>
    `/apis/example.com/${version}/namespaces/default/things`;
  for (const [object, why] of [
    [{ apiVersion: 'example.com/v1' }, /^the object provided is unrecognized .*'Kind' is missing/],
    [{ kind: 'Thing' }, /^the API version in the data \(\) does not match .*\(example\.com\/v1\)$/],
  ] as const) {
    const body = { ...object, metadata: { name: 't' } };
    const { json } = await server.expect(400, 'POST', things('v1'), { body });
    assert.match(json.message, why);
  }
  await server.expect(201, 'POST', things('v1'), {
    body: { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 't' } },
  });
  const unversioned = await server.expect(422, 'PUT', `${things('v1')}/t`, {
    body: { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 't' } },
  });
  assert.match(
    unversioned.json.message,
    /metadata\.resourceVersion: .*must be specified for an update/,
  );
  const { json } = await server.expect(501, 'GET', `${things('v2')}/t`);
  assert.match(json.message, /cannot be called: this server has no way to webhooks/);
});

test('a version that is not reached is waited for three seconds', async () => {
  await using server = await startTestServer();
  let status: number | undefined;
  const asked = server
    .request('GET', `${configMaps}?resourceVersion=9999`)
    .then((answer) => ({ ...answer, at: (status = answer.status) }));
  await server.clock.advance(2_999);
  assert.equal(status, undefined);
  await server.clock.advance(1);
  const { headers } = await asked;
  assert.deepEqual([status, headers['retry-after']], [504, '1']);
});

test('a body of more than three mebibytes is refused as such', async () => {
  await using server = await startTestServer();
  const send = async (bytes: number): Promise<string> =>
    (await server.request('POST', configMaps, { body: Buffer.alloc(bytes, ' ') })).json.message;
  assert.match(await send(3 * 1024 * 1024), /the object provided is unrecognized/);
  assert.equal(await send(3 * 1024 * 1024 + 1), 'Request entity is too large: limit is 3145728');
});

test('a request that takes a minute is answered 504', async () => {
  await using server = await startTestServer();
  const released = Promise.withResolvers<void>();
  async function* slow(): AsyncGenerator<Uint8Array> {
    await released.promise;
    yield Buffer.from('{}');
  }
  let status: number | undefined;
  const asked = server.api
    .handlerFor(admin)({
      method: 'POST',
      path: configMaps,
      query: '',
      headers: { 'content-type': 'application/json' },
      body: slow(),
      signal: new AbortController().signal,
    })
    .then((response) => (status = response.status));
  await server.clock.advance(59_999);
  assert.equal(status, undefined);
  await server.clock.advance(1);
  await asked;
  assert.equal(status, 504);
  released.resolve();
});

test('a refusal tells of unknown fields too', async () => {
  await using server = await startTestServer();
  const body = { metadata: { name: 'twice' }, nosuch: 1 };
  await server.expect(201, 'POST', configMaps, { body });
  for (const [code, method, path, name] of [
    [409, 'POST', configMaps, 'twice'],
    [422, 'POST', configMaps, 'No'],
    [404, 'PUT', `${configMaps}/none`, 'none'],
  ] as const) {
    const refused = await server.expect(code, method, path, {
      body: { ...body, metadata: { name } },
    });
    assert.deepEqual(refused.headers['warning'], ['299 - "unknown field \\"nosuch\\""']);
  }
});
