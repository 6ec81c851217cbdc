import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Dial, WebhookEndpoint } from '@fairway/apiserver';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { settle } from '@fairway/host/testing';
import { type HttpRequest, type HttpResponse, collectBody, stringifyJson } from '@fairway/protocol';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const lamps = (version: string): string => `/apis/example.com/${version}/namespaces/default/lamps`;

/** Version 2 says in words what version 1 says in a number. */
const versions = [
  { name: 'v1', served: true, storage: true, schema: schemaOf({ watts: { type: 'integer' } }) },
  { name: 'v2', served: true, storage: false, schema: schemaOf({ power: { type: 'string' } }) },
];

function schemaOf(properties: object): object {
  return {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  };
}

const definition = {
  metadata: { name: 'lamps.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'lamps', kind: 'Lamp' },
    versions,
    conversion: {
      strategy: 'Webhook',
      webhook: {
        conversionReviewVersions: ['v1'],
        clientConfig: {
          url: 'https://convert.lights.svc:8443/lamps',
          caBundle: Buffer.from('the authority').toString('base64'),
        },
      },
    },
  },
};

interface Review {
  readonly kind: string;
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    // oxlint-disable-next-line typescript/no-explicit-any -- a webhook looks at whatever it gets
    readonly objects: readonly any[];
  };
}

/** What a webhook answers to a review, as JSON unless it is bytes. */
type Answer = (review: Review) => unknown;

const convert: Answer = ({ kind, apiVersion, request }) => ({
  kind,
  apiVersion,
  response: {
    uid: request.uid,
    result: { status: 'Success' },
    convertedObjects: request.objects.map((object) => ({
      ...object,
      apiVersion: request.desiredAPIVersion,
      metadata: { ...object.metadata, name: 'another', labels: { converted: 'yes' } },
      spec: request.desiredAPIVersion.endsWith('v1')
        ? { watts: Number(object.spec.power.split(' ')[0]) }
        : { power: `${object.spec.watts} watts`, unknown: 'to the schema' },
    })),
  },
});

interface Asked {
  readonly endpoint: WebhookEndpoint;
  readonly path: string;
  readonly review: Review;
}

async function startWith(
  answer: Answer,
): Promise<{ readonly server: TestServer; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const webhook: Dial['webhook'] =
    (endpoint) =>
    async (request: HttpRequest): Promise<HttpResponse> => {
      const text = Buffer.from(await collectBody(request.body)).toString();
      const review = JSON.parse(text) as Review;
      asked.push({ endpoint, path: request.path, review });
      const body = answer(review);
      if (body instanceof Promise) return Promise.race([body, abortOf(request)]);
      const isBody = body instanceof Uint8Array || Symbol.asyncIterator in Object(body);
      return {
        status: 200,
        headers: {},
        body: isBody ? (body as Uint8Array) : Buffer.from(stringifyJson(body) ?? ''),
      };
    };
  const server = await startTestServer({ dial: { webhook } });
  await server.expect(201, 'POST', definitions, { body: definition });
  for (let turn = 0; turn < 20; turn++) await settle();
  return { server, asked };
}

function abortOf({ signal }: HttpRequest): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

function lamp(version: string, name: string, spec: object): object {
  return { apiVersion: `example.com/${version}`, kind: 'Lamp', metadata: { name }, spec };
}

suite('conversion by webhook', () => {
  test('objects are read and written in every version, a page in one request', async () => {
    const { server, asked } = await startWith(convert);
    await using _ = server;
    await server.expect(201, 'POST', lamps('v1'), { body: lamp('v1', 'a', { watts: 5 }) });
    assert.equal(asked.length, 0);
    const made = await server.expect(201, 'POST', lamps('v2'), {
      body: lamp('v2', 'b', { power: '7 watts' }),
    });
    assert.deepEqual(made.json['spec'], { power: '7 watts' });
    const stored = await server.expect(200, 'GET', `${lamps('v1')}/b`);
    assert.deepEqual(stored.json['spec'], { watts: 7 });
    const read = await server.expect(200, 'GET', `${lamps('v2')}/a`);
    assert.equal(read.json.apiVersion, 'example.com/v2');
    assert.deepEqual(read.json['spec'], { power: '5 watts' });
    const before = asked.length;
    const { json } = await server.expect(200, 'GET', lamps('v2'));
    assert.deepEqual(
      json.items.map((each) => each.metadata?.name),
      ['a', 'b'],
    );
    assert.equal(asked.length, before + 1);
    assert.equal(asked.at(-1)?.review.request.objects.length, 2);
  });

  test('a webhook is asked where its definition says, and may change labels only', async () => {
    const { server, asked } = await startWith(convert);
    await using _ = server;
    await server.expect(201, 'POST', lamps('v1'), { body: lamp('v1', 'a', { watts: 5 }) });
    const { json } = await server.expect(200, 'GET', `${lamps('v2')}/a`);
    assert.equal(json.metadata.name, 'a');
    assert.deepEqual(json.metadata.labels, { converted: 'yes' });
    assert.deepEqual(asked[0]?.endpoint, {
      scheme: 'https',
      host: 'convert.lights.svc',
      port: 8443,
      certificateAuthority: 'the authority',
    });
    assert.equal(asked[0]?.path, '/lamps');
    assert.equal(asked[0]?.review.apiVersion, 'apiextensions.k8s.io/v1');
  });

  test('a watch tells of objects in its version', async () => {
    const { server } = await startWith(convert);
    await using _ = server;
    await using watch = await server.watch(`${lamps('v2')}?watch=1`);
    await server.expect(201, 'POST', lamps('v1'), { body: lamp('v1', 'a', { watts: 5 }) });
    const event = await watch.next();
    assert.equal(event?.type, 'ADDED');
    assert.deepEqual((event?.object as { spec?: unknown } | undefined)?.spec, { power: '5 watts' });
  });

  const good = (review: Review) => convert(review) as { response: Record<string, unknown> };
  const changed =
    (change: (response: Record<string, unknown>) => object): Answer =>
    (review) => {
      const whole = good(review);
      return { ...whole, response: { ...whole.response, ...change(whole.response) } };
    };
  const first = (response: Record<string, unknown>): object =>
    (response['convertedObjects'] as object[])[0] ?? {};

  for (const [what, answer, message] of [
    [
      'says why not',
      changed(() => ({ result: { status: 'Failure', message: 'no such lamp' } })),
      ' failed: no such lamp',
    ],
    [
      'says nothing of success',
      changed(() => ({ result: {} })),
      ' failed: response.result.status was "", not "Success"',
    ],
    [
      'answers another request',
      changed(() => ({ uid: 'u' })),
      /failed: expected response.uid=".+", got "u"$/,
    ],
    [
      'answers with a long number for the request',
      changed(() => ({ uid: 2n ** 53n + 1n })),
      /failed: expected response.uid=".+", got 9007199254740993$/,
    ],
    [
      'says with a long number whether it succeeded',
      changed(() => ({ result: { status: 2n ** 53n + 1n } })),
      ' failed: response.result.status was 9007199254740993, not "Success"',
    ],
    ['answers no JSON', () => Buffer.from('<html>'), / failed: the answer is no JSON: /],
    [
      'answers something else',
      () => ({ kind: 'Status', apiVersion: 'v1' }),
      ' failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got v1, Kind=Status',
    ],
    [
      'answers nothing',
      ({ kind, apiVersion }: Review) => ({ kind, apiVersion }),
      ' failed: no response provided',
    ],
    ['loses objects', changed(() => ({ convertedObjects: [] })), ' returned 0 objects, expected 1'],
    [
      'answers in another version',
      changed((response) => ({ convertedObjects: [{ ...first(response), apiVersion: 'v3' }] })),
      ' returned invalid converted object at index 0: invalid groupVersion (expected example.com/v2, received v3)',
    ],
    [
      'answers another kind',
      changed((response) => ({ convertedObjects: [{ ...first(response), kind: 'Sun' }] })),
      ' returned invalid converted object at index 0: invalid kind (expected Lamp, received Sun)',
    ],
    [
      'loses metadata',
      changed((response) => ({ convertedObjects: [{ ...first(response), metadata: undefined }] })),
      ' returned invalid metadata in object at index 0: missing metadata in converted object',
    ],
    ...(
      [
        [{ labels: 5 }, 'invalid metadata.labels of type number in converted object'],
        [
          { annotations: { a: 5 } },
          'metadata.annotations[a] must be a string, but is number in converted object',
        ],
        [{ labels: { a: 'b c' } }, /at index 0: metadata\.labels: Invalid value: "b c": /],
      ] as const
    ).map(([metadata, why]): readonly [string, Answer, string | RegExp] => [
      `answers metadata ${JSON.stringify(metadata)}`,
      changed((response) => ({ convertedObjects: [{ ...first(response), metadata }] })),
      typeof why === 'string' ? ` returned invalid metadata in object at index 0: ${why}` : why,
    ]),
    [
      'is not reached',
      () => Promise.reject(new Error('connection refused')),
      ' failed: Post "https://convert.lights.svc:8443/lamps": connection refused',
    ],
    [
      'never ends',
      endless,
      ' failed: the answer is longer than conversionResponseBytesMax (16777216)',
    ],
  ] as readonly (readonly [string, Answer, string | RegExp])[]) {
    test(`a webhook that ${what} fails the request, and the server goes on`, async () => {
      const { server } = await startWith(answer);
      await using _ = server;
      await server.expect(201, 'POST', lamps('v1'), { body: lamp('v1', 'a', { watts: 5 }) });
      const { json } = await server.expect(500, 'GET', `${lamps('v2')}/a`);
      const subject = 'conversion webhook for example.com/v1, Kind=Lamp';
      if (typeof message === 'string') assert.equal(json.message, `${subject}${message}`);
      else assert.match(json.message, message);
      await server.expect(200, 'GET', `${lamps('v1')}/a`);
    });
  }

  test('a webhook that does not answer is given up after 30 seconds', async () => {
    const { server } = await startWith(() => new Promise(() => {}));
    await using _ = server;
    await server.expect(201, 'POST', lamps('v1'), { body: lamp('v1', 'a', { watts: 5 }) });
    const reading = server.expect(500, 'GET', `${lamps('v2')}/a`);
    await server.clock.advance(29_999);
    await server.clock.advance(1);
    const { json } = await reading;
    assert.match(json.message, /Post "https.+": no answer within 30 seconds$/);
  });
});

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(1024 * 1024, ' ');
}
