import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import {
  ApiError,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type KubernetesObject,
  type ResourceDescriptor,
  apiError,
  conflict,
  notFound,
} from '@fairway/protocol';
import { type Client, createClient } from './client.ts';
import type { WaitGoal } from './resource/wait-for.ts';

interface Pod extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string; readonly replicas?: number };
  readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
}

const Pod: ResourceDescriptor<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};
const Node: ResourceDescriptor = { ...Pod, kind: 'Node', plural: 'nodes', isNamespaced: false };

test('createClient() get reads one object of the client namespace', async () => {
  const { client, asked } = clientAnswering(() => json({ kind: 'Pod', metadata: { name: 'a' } }));
  const pod = await client.get(Pod, 'a');
  assert.equal(pod.metadata?.name, 'a');
  assert.equal(lineOf(asked[0]), 'GET /api/v1/namespaces/shop/pods/a');
  await client.get(Node, 'n', { namespace: 'ignored' });
  assert.equal(lineOf(asked[1]), 'GET /api/v1/nodes/n');
});

test('createClient() find answers undefined for a 404 of the API, and throws anything else', async () => {
  const { client } = clientAnswering(({ path }) => {
    if (path.endsWith('/gone')) throw notFound({ group: '', plural: 'pods', name: 'gone' });
    throw apiError('Forbidden', 'no');
  });
  assert.equal(await client.find(Pod, 'gone'), undefined);
  await assert.rejects(client.find(Pod, 'other'), { reason: 'Forbidden' });
});

test('createClient() refuses names that would lead elsewhere, and sends nothing', async () => {
  const { client, asked } = clientAnswering(() => json({}));
  for (const name of ['.', '..', 'a/b', 'a%2fb']) {
    await assert.rejects(client.get(Pod, name), ApiError);
    await assert.rejects(client.get(Pod, 'a', { namespace: name }), ApiError);
  }
  assert.equal(asked.length, 0);
});

test('createClient() list fetches pages of 500 as they are needed', async () => {
  const { client, asked } = clientAnswering(pagesOf(['a', 'b'], ['c']));
  const names: unknown[] = [];
  for await (const pod of client.list(Pod)) {
    names.push(pod.metadata?.name);
    if (names.length === 1) assert.equal(asked.length, 1);
  }
  assert.deepEqual(names, ['a', 'b', 'c']);
  assert.deepEqual(asked.map(lineOf), [
    'GET /api/v1/namespaces/shop/pods?limit=500',
    'GET /api/v1/namespaces/shop/pods?limit=500&continue=1',
  ]);
});

test('createClient() list goes on with one full list after an expired continue token', async () => {
  const answer: Handler = async ({ query }) => {
    if (query.includes('continue=')) throw apiError('Expired', 'too old');
    if (query.includes('limit=')) return page(['a', 'b'], 'token', '5');
    return page(['a', 'b', 'c'], undefined, '9');
  };
  const { client } = clientAnswering(answer);
  assert.deepEqual(await namesOf(client), ['a', 'b', 'c']);
  const { items, resourceVersion } = await client.list(Pod, { allNamespaces: true }).all();
  assert.deepEqual([items.length, resourceVersion], [3, '9']);
});

test('createClient() list writes selectors, scope and versions into the query once', async () => {
  const { client, asked } = clientAnswering(pagesOf(['a'], ['b']));
  const options = {
    allNamespaces: true,
    labelSelector: { app: 'web' },
    fieldSelector: 'status.phase=Running',
    resourceVersion: '7',
    resourceVersionMatch: 'Exact' as const,
  };
  await client.list(Pod, options).all();
  const selectors = 'labelSelector=app%3Dweb&fieldSelector=status.phase%3DRunning';
  assert.deepEqual(asked.map(lineOf), [
    `GET /api/v1/pods?${selectors}&resourceVersion=7&resourceVersionMatch=Exact&limit=500`,
    `GET /api/v1/pods?${selectors}&limit=500&continue=1`,
  ]);
});

test('createClient() asks for metadata and tables by content negotiation', async () => {
  const { client, asked } = clientAnswering(() =>
    json({ kind: 'Table', metadata: {}, columnDefinitions: [], rows: [{ cells: ['a'] }] }),
  );
  const table = await client.list(Pod, { as: 'table' }).all();
  assert.equal(table.rows.length, 1);
  assert.match(
    String(asked[0]?.headers['accept']),
    /^application\/json;as=Table;g=meta.k8s.io;v=v1/,
  );
  await client.get(Pod, 'a', { as: 'metadata' });
  assert.match(String(asked[1]?.headers['accept']), /as=PartialObjectMetadata;/);
});

test('createClient() list as a table says so when the server cannot print one', async () => {
  const { client } = clientAnswering(() => json({ kind: 'PodList', metadata: {}, items: [] }));
  await assert.rejects(client.list(Pod, { as: 'table' }).all(), /does not print Pod/);
});

test('createClient() create fills in apiVersion and kind and goes to the namespace of the object', async () => {
  const { client, asked } = clientAnswering(() => json({}, 201));
  await client.create(
    Pod,
    { metadata: { name: 'a', namespace: 'other' } },
    { dryRun: true, fieldValidation: 'Strict' },
  );
  assert.equal(
    lineOf(asked[0]),
    'POST /api/v1/namespaces/other/pods?dryRun=All&fieldManager=tests&fieldValidation=Strict',
  );
  assert.deepEqual(bodyOf(asked[0]), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'other' },
  });
});

test('createClient() update repeats get, change and put on conflict, five times at most', async () => {
  let puts = 0;
  const { client, clock } = clientAnswering(({ method }) => {
    if (method === 'GET') return json({ metadata: { name: 'a' }, spec: { replicas: puts } });
    puts += 1;
    throw conflict({ group: '', plural: 'pods', name: 'a' }, 'changed');
  });
  const refused = assert.rejects(
    client.update(Pod, 'a', (pod) => {
      if (pod.spec) pod.spec.replicas = 9;
    }),
    { reason: 'Conflict' },
  );
  for (let pause = 0; pause < 5; pause++) await clock.advance(10);
  await refused;
  assert.equal(puts, 5);
});

test('createClient() patch and apply derive the content type from what is given', async () => {
  const { client, asked } = clientAnswering(() => json({}));
  await client.patch(Pod, 'a', { merge: { spec: null } });
  await client.patch(Pod, 'a', { json: [{ op: 'remove', path: '/spec' }] });
  await client.patch(Pod, 'a', { strategic: { spec: {} } });
  await client.apply(Pod, { metadata: { name: 'a' }, spec: { nodeName: 'n' } }, { force: true });
  assert.deepEqual(
    asked.map(({ headers }) => headers['content-type']),
    [
      'application/merge-patch+json',
      'application/json-patch+json',
      'application/strategic-merge-patch+json',
      'application/apply-patch+yaml',
    ],
  );
  assert.equal(
    lineOf(asked[3]),
    'PATCH /api/v1/namespaces/shop/pods/a?fieldManager=tests&force=true',
  );
});

test('createClient() apply without a field manager is refused here', async () => {
  const client = createClient({
    transport: async () => json({}),
    clock: new ManualClock(),
    random: seededRandom(1),
  });
  await assert.rejects(client.apply(Pod, { metadata: { name: 'a' } }), /fieldManager/);
});

test('createClient() delete sends options only when there are some', async () => {
  const { client, asked } = clientAnswering(() => json({ kind: 'Status', status: 'Success' }));
  await client.delete(Pod, 'a');
  assert.equal(asked[0]?.body, undefined);
  await client.delete(Pod, 'a', {
    preconditions: { uid: 'u' },
    propagationPolicy: 'Foreground',
    gracePeriodSeconds: 0,
  });
  assert.deepEqual(bodyOf(asked[1]), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds: 0,
    propagationPolicy: 'Foreground',
    preconditions: { uid: 'u' },
  });
});

test('createClient() subresource speaks to a part of the object', async () => {
  const { client, asked } = clientAnswering(() => json({ spec: { replicas: 3 } }));
  const scale = client.subresource(Pod, 'a', 'scale', { namespace: 'x' });
  await scale.get();
  await scale.patch({ merge: { spec: { replicas: 4 } } });
  await client.subresource(Pod, 'a', 'status').apply({ status: { conditions: [] } });
  assert.deepEqual(bodyOf(asked[2]), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    status: { conditions: [] },
  });
  assert.deepEqual(asked.map(lineOf), [
    'GET /api/v1/namespaces/x/pods/a/scale',
    'PATCH /api/v1/namespaces/x/pods/a/scale?fieldManager=tests',
    'PATCH /api/v1/namespaces/shop/pods/a/status?fieldManager=tests',
  ]);
});

test('createClient() watch reads events across chunks and lets the body go on break', async () => {
  let isFreed = false;
  const { client, asked } = clientAnswering(() => ({
    status: 200,
    headers: {},
    body: (async function* () {
      try {
        yield Buffer.from('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"type":"MOD');
        yield Buffer.from('IFIED","object":{"metadata":{"name":"b"}}}\n');
        assert.fail('nobody asked for more');
      } finally {
        isFreed = true;
      }
    })(),
  }));
  const types: string[] = [];
  for await (const event of client.watch(Pod, { resourceVersion: '5' })) {
    types.push(event.type);
    if (types.length === 2) break;
  }
  assert.deepEqual(types, ['ADDED', 'MODIFIED']);
  assert.ok(isFreed);
  assert.ok(asked[0]?.signal.aborted);
  assert.equal(lineOf(asked[0]), 'GET /api/v1/namespaces/shop/pods?watch=true&resourceVersion=5');
});

test('createClient() watch throws an ERROR event as ApiError, and half an event as broken', async () => {
  const expired = '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n';
  await assert.rejects(watchOnce(expired), { reason: 'Expired', code: 410 });
  await assert.rejects(watchOnce('{"type":"ADDED","obj'), { problem: 'malformed-answer' });
  await assert.rejects(watchOnce('[]\n'), { problem: 'malformed-answer' });
});

test('createClient() bounds each request of a call that says how long it may take', async () => {
  const { client, clock, asked } = clientAnswering(({ query }) =>
    query.includes('continue') ? new Promise(() => {}) : page(['a'], 'next', '1'),
  );
  const names: unknown[] = [];
  const listed = (async () => {
    for await (const pod of client.list(Pod, { timeoutMs: 500 })) names.push(pod.metadata?.name);
  })();
  const refused = assert.rejects(listed, {
    name: 'ConnectionError',
    problem: 'timeout',
    message: /^GET \/api\/v1\/namespaces\/shop\/pods: .* 500 ms/,
  });
  for (let turn = 0; asked.length < 2 && turn < 1_000; turn++) await new Promise(setImmediate);
  await clock.advance(500);
  await refused;
  assert.deepEqual(names, ['a']);
  assert.ok(asked[1]?.signal.aborted, 'the request is let go');
  assert.equal(clock.pending, 0);
});

test('createClient() tells the transport which requests are sent once only', async () => {
  const { client, asked } = clientAnswering(() => json({ metadata: { name: 'a' } }));
  await client.get(Pod, 'a');
  await client.update(Pod, 'a', () => undefined, { isRetryWanted: false });
  assert.deepEqual(
    asked.map((request) => 'isRetryWanted' in request && request.isRetryWanted),
    [false, false, false],
  );
  assert.deepEqual(
    asked.map((request) => 'isRetryWanted' in request),
    [false, true, true],
  );
});

test('createClient() waitFor lists, watches and answers the object that meets the goal', async () => {
  const ready = {
    metadata: { name: 'a' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const { client } = clientAnswering(({ query }) =>
    query.includes('watch=true')
      ? text(
          `{"type":"ADDED","object":{}}\n${JSON.stringify({ type: 'MODIFIED', object: ready })}\n`,
        )
      : page([], undefined, '1'),
  );
  assert.deepEqual(await client.waitFor(Pod, 'a', { condition: 'Ready' }), ready);
  assert.equal(await client.waitFor(Pod, 'a', { isDeleted: true }), undefined);
});

test('createClient() waitFor takes another object of the name for the end of the one that is meant', async () => {
  const next = { metadata: { name: 'a', uid: '2' } };
  const { client } = clientAnswering(() =>
    json({ metadata: { resourceVersion: '1' }, items: [next] }),
  );
  const goal = { isDeleted: true, uid: '1' } as const;
  assert.equal(await client.waitFor(Pod, 'a', goal, { timeoutMs: 1_000 }), undefined);
});

test('createClient() waitFor tells a goal of absence too, and of what a goal throws its caller', async () => {
  const object = { metadata: { name: 'a' } };
  const { client } = clientAnswering(({ query }) =>
    query.includes('watch=true')
      ? text(`${JSON.stringify({ type: 'DELETED', object })}\n`)
      : page(['a'], undefined, '1'),
  );
  const seen: (Pod | undefined)[] = [];
  const until = (pod: Pod | undefined): boolean => {
    seen.push(pod);
    return pod === undefined;
  };
  assert.equal(await client.waitFor(Pod, 'a', { until }), undefined);
  assert.deepEqual(seen, [object, undefined]);
  const refuse = (): never => {
    throw new RangeError('never so');
  };
  await assert.rejects(client.waitFor(Pod, 'a', { until: refuse }), RangeError);
});

test('createClient() waitFor says how far it was when the time is over', async () => {
  const waiting = { type: 'Ready', status: 'False', reason: 'Starting' };
  const object = { metadata: { name: 'a' }, status: { conditions: [waiting] } };
  const cases: [WaitGoal<Pod>, object[], RegExp][] = [
    [(pod) => pod.metadata === undefined, [object], /^Pod "a" was not as wanted after 5000 ms$/],
    [{ condition: 'Ready' }, [object], /"a" was not Ready=True .*: it is False, Starting$/],
    [{ condition: 'Up', status: 'False' }, [object], /not Up=False .*: it has no such condition$/],
    [{ condition: 'Ready' }, [], /^Pod "a" did not exist after 5000 ms$/],
    [{ isDeleted: true }, [object], /^Pod "a" was still there after 5000 ms$/],
  ];
  for (const [goal, items, message] of cases) {
    const { client, clock } = clientAnswering(({ query }) =>
      query.includes('watch=true') ? text('') : json({ metadata: { resourceVersion: '1' }, items }),
    );
    const refused = assert.rejects(client.waitFor(Pod, 'a', goal, { timeoutMs: 5_000 }), {
      message,
    });
    await clock.advance(6_000);
    await refused;
  }
});

test('createClient() waitFor outlives a watch that breaks, but not a refusal', async () => {
  let watches = 0;
  let refusal: Error | undefined;
  const ready = { metadata: { name: 'a' }, spec: { replicas: 1 } };
  const { client, clock } = clientAnswering(({ query }) => {
    if (!query.includes('watch=true')) return page([], undefined, '1');
    watches += 1;
    if (refusal !== undefined) throw refusal;
    if (watches === 1) return text('{"type":"ADD');
    return text(`${JSON.stringify({ type: 'ADDED', object: ready })}\n`);
  });
  const waiting = client.waitFor(Pod, 'a', (pod) => pod.spec?.replicas === 1);
  await clock.advance(1_000);
  assert.deepEqual(await waiting, ready);
  refusal = apiError('Forbidden', 'no');
  await assert.rejects(
    client.waitFor(Pod, 'a', () => true),
    { reason: 'Forbidden' },
  );
  assert.equal(clock.pending, 0);
});

function clientAnswering(answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>): {
  client: Client;
  asked: HttpRequest[];
  clock: ManualClock;
} {
  const asked: HttpRequest[] = [];
  const clock = new ManualClock();
  const transport: Handler = async (request) => {
    asked.push(request);
    return answer(request);
  };
  const client = createClient({
    transport,
    clock,
    random: seededRandom(1),
    namespace: 'shop',
    fieldManager: 'tests',
  });
  return { client, asked, clock };
}

async function watchOnce(body: string): Promise<void> {
  const { client } = clientAnswering(() => text(body));
  for await (const _ of client.watch(Pod)) continue;
}

async function namesOf(client: Client): Promise<unknown[]> {
  const names: unknown[] = [];
  for await (const pod of client.list(Pod)) names.push(pod.metadata?.name);
  return names;
}

function pagesOf(...pages: string[][]): Handler {
  return async ({ query }) => {
    const at = Number(/continue=(\d+)/.exec(query)?.[1] ?? 0);
    const isLast = at === pages.length - 1;
    return page(pages[at] ?? [], isLast ? undefined : String(at + 1), '5');
  };
}

function page(names: string[], token: string | undefined, resourceVersion: string): HttpResponse {
  const items = names.map((name) => ({ metadata: { name } }));
  return json({ kind: 'PodList', metadata: { resourceVersion, continue: token }, items });
}

function json(value: unknown, status = 200): HttpResponse {
  return { status, headers: {}, body: Buffer.from(JSON.stringify(value)) };
}

function text(body: string): HttpResponse {
  return { status: 200, headers: {}, body: Buffer.from(body) };
}

function lineOf(request: HttpRequest | undefined): string {
  if (request === undefined) return 'nothing was sent';
  return `${request.method} ${request.path}${request.query === '' ? '' : `?${request.query}`}`;
}

function bodyOf(request: HttpRequest | undefined): unknown {
  assert.ok(request?.body instanceof Uint8Array);
  return JSON.parse(Buffer.from(request.body).toString());
}
