import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { HttpHeaders } from '@fairway/protocol';
import {
  type Answer,
  type AskOptions,
  type TestServer,
  startTestServer,
} from '@fairway/apiserver/testing';

/** One request to a kube-apiserver 1.36 and what it answered, without what differs every time. */
interface Recorded {
  readonly request: string;
  readonly caller?: 'anonymous';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly responseHeaders: HttpHeaders;
  readonly answer?: unknown;
  /** Recordings were cut off after some hundred bytes. */
  readonly answerStart?: string;
}

interface KnownGap {
  readonly why: string;
  readonly status?: number;
  /** What the answer is compared with instead; absent: only the status is compared. */
  readonly answer?: unknown;
}

const tableType = 'application/json;as=Table;g=meta.k8s.io;v=v1';
const configMap = '/api/v1/namespaces/sem/configmaps/a';

/** Where this server answers otherwise, by request, and where that is not enough by its media type. */
const knownGaps: Readonly<Record<string, KnownGap>> = {
  'GET /openapi/v3': {
    why: 'documents mean the same and are other bytes, so their hashes differ',
  },
  [`GET ${configMap} ${tableType}`]: { why: 'columns are described in words of our own' },
  'POST /api/v1/namespaces/default/serviceaccounts/default/token': {
    why: 'tokens are signed with ES256, whose signatures are a sixth the size',
  },
  'GET /api/v1/namespaces/sem/configmaps?watch=1&resourceVersion=99999999': {
    why: 'the recording shows the answer before: this watch was silent for as long as it was looked at',
  },
};

test('the API answers 67 recorded requests as a kube-apiserver 1.36 does', async (t) => {
  const url = new URL('fixtures/golden/semantics.json', import.meta.url);
  const story = JSON.parse(readFileSync(url, 'utf8')) as readonly Recorded[];
  assert.equal(story.length, 67);
  await using server = await startTestServer();
  await server.expect(201, 'POST', '/api/v1/namespaces/default/serviceaccounts', {
    body: { metadata: { name: 'default' } },
  });
  for (const [at, recorded] of story.entries()) {
    await t.test(`${at + 1} ${recorded.request}`, () => replay(server, recorded));
  }
});

async function replay(server: TestServer, recorded: Recorded): Promise<void> {
  const gap = gapOf(recorded);
  // History that a long-lived server would have forgotten by now.
  if (recorded.request.includes('resourceVersion=1&') || recorded.request.endsWith('=1')) {
    await server.store.compact(await server.store.currentRevision());
  }
  const answer = await ask(server, recorded);
  assert.equal(answer.status, gap?.status ?? recorded.status, answer.text);
  if (gap?.status === undefined) expectHeaders(answer, recorded);
  if (gap === undefined) expectBody(answer, recorded);
  else if (gap.answer !== undefined) expectBody(answer, { ...recorded, answer: gap.answer });
}

function gapOf({ request, headers }: Recorded): KnownGap | undefined {
  const type = headers?.['content-type'] ?? headers?.['accept'];
  return knownGaps[request] ?? knownGaps[`${request} ${type}`];
}

async function ask(server: TestServer, recorded: Recorded): Promise<Answer> {
  const [method = '', path = ''] = recorded.request.split(' ');
  const options: AskOptions = {
    headers: { 'user-agent': 't/1', ...recorded.headers },
    ...(recorded.body === undefined ? {} : { body: recorded.body }),
    ...(recorded.caller === 'anonymous' ? { handler: server.api.handler } : {}),
  };
  const asked = server.request(method, await withCurrentHash(server, path), options);
  if (!waitsForTime.test(path)) return asked;
  let isAnswered = false;
  void asked.finally(() => (isAnswered = true));
  while (!isAnswered) await server.clock.advance(500);
  return asked;
}

/** Watches, and lists of a version that does not exist yet. */
const waitsForTime = /watch=1|resourceVersion=9/;

/** The address of an OpenAPI document contains the hash of what it says. */
async function withCurrentHash(server: TestServer, path: string): Promise<string> {
  if (!path.endsWith('hash=HASH')) return path;
  const { json } = await server.expect(200, 'GET', '/openapi/v3');
  return (json['paths'] as Record<string, { serverRelativeURL: string }>)['api/v1']
    ?.serverRelativeURL as string;
}

function expectHeaders(answer: Answer, { responseHeaders }: Recorded): void {
  const names = Object.keys(responseHeaders).filter((name) => name !== 'vary');
  for (const name of names) {
    assert.deepEqual(withoutHash(answer.headers[name]), responseHeaders[name], name);
  }
  // Several lines of a list header mean the same as one.
  for (const name of [responseHeaders['vary'] ?? []].flat()) {
    assert.match(String(answer.headers['vary']), new RegExp(`\\b${name}\\b`));
  }
}

function withoutHash(value: string | readonly string[] | undefined): unknown {
  return typeof value === 'string' ? value.replace(/[0-9A-F]{128}/, 'HASH') : value;
}

function expectBody(answer: Answer, recorded: Recorded): void {
  const text = withoutVolatile(answer.text).trim();
  if (recorded.answer !== undefined) {
    assert.deepEqual(JSON.parse(text), recorded.answer);
    return;
  }
  const start = recorded.answerStart ?? '';
  assert.equal(text.slice(0, start.length), start);
}

/** Takes out of a body what is different at every run. */
function withoutVolatile(text: string): string {
  return text
    .replace(/\b(?!1{8})[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/("resourceVersion": ?|resourceVersion: )"\d+"/g, '$1"RV"')
    .replace(/(current: |in record \(|too old resource version: 1 \()\d+/g, '$1N')
    .replace(/gen-[a-z0-9]{5}\b/g, 'gen-xxxxx')
    .replace(/[0-9A-F]{128}/g, 'HASH')
    .replace(/"continue":"[\w-]+"/g, '"continue":"TOKEN"')
    .replace(/"remainingItemCount":\d+/g, '"remainingItemCount":"COUNT"');
}
