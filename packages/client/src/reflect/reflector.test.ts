import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import {
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type KubernetesObject,
  type ResourceDescriptor,
  apiError,
} from '@fairway/protocol';
import { createClient } from '../client.ts';
import { ConnectionError } from '../transport/connection-error.ts';

const Pod: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};

test('reflect() streams the list first, and goes on with the same connection', async () => {
  const reflection = follow([
    watch([added('a', 1), added('b', 2), initialEnd(5), modified('a', 6)]),
  ]);
  await settle();
  assert.deepEqual(reflection.seen, ['Init', '+a1', '+b2', 'Done5', '=a6']);
  assert.equal(reflection.asked.length, 1);
  const query = new URLSearchParams(reflection.asked[0]);
  assert.equal(query.get('sendInitialEvents'), 'true');
  assert.equal(query.get('resourceVersionMatch'), 'NotOlderThan');
  assert.equal(query.get('allowWatchBookmarks'), 'true');
  assert.equal(query.has('resourceVersion'), false);
  const seconds = Number(query.get('timeoutSeconds'));
  assert.ok(seconds >= 300 && seconds <= 600, `timeoutSeconds=${seconds}`);
  await reflection.stop();
});

test('reflect() resumes after the last version, bookmarks included, when a watch ends', async () => {
  const reflection = follow([
    watch([initialEnd(5), modified('a', 6), bookmark(9)], 'ends'),
    watch([deleted('a', 10)]),
  ]);
  await reflection.clock.advance(1_000);
  assert.deepEqual(reflection.seen, ['Init', 'Done5', '=a6', '-a10']);
  assert.match(reflection.asked[1] ?? '', /[?&]resourceVersion=9&/);
  await reflection.stop();
});

test('reflect() lists in pages when the server cannot stream a list', async () => {
  const reflection = follow([
    refuse('Invalid', 422),
    list(['a'], { version: 7, continue: 'next' }),
    list(['b'], { version: 7 }),
    watch([]),
  ]);
  await settle();
  assert.deepEqual(reflection.seen, ['Init', 'Init', '+a1', '+b1', 'Done7']);
  assert.deepEqual(reflection.asked.slice(1).map(withoutTimeout), [
    '?resourceVersion=0&limit=500',
    '?limit=500&continue=next',
    '?watch=true&resourceVersion=7&allowWatchBookmarks=true',
  ]);
  await reflection.stop();
});

test('reflect() lists everything at once after a continue token has expired', async () => {
  const reflection = follow([
    refuse('BadRequest', 400),
    list(['a'], { version: 7, continue: 'next' }),
    refuse('Expired', 410),
    list(['a', 'b'], { version: 8 }),
    watch([]),
  ]);
  await settle();
  assert.deepEqual(reflection.seen, ['Init', 'Init', '+a1', 'Init', '+a1', '+b1', 'Done8']);
  assert.equal(reflection.asked[3], '?resourceVersion=0');
  await reflection.stop();
});

test('reflect() asks for the latest state at once when its version is refused', async () => {
  for (const refusal of [refuse('Expired', 410), tooLarge()]) {
    const reflection = follow([
      watch([initialEnd(5), errorFrame('Expired', 410)], 'ends'),
      refusal,
      watch([added('a', 90), initialEnd(91)]),
    ]);
    await settle();
    assert.deepEqual(reflection.seen, ['Init', 'Done5']);
    await reflection.clock.advance(2_000);
    assert.deepEqual(reflection.seen.slice(2), ['Init', 'Init', '+a90', 'Done91']);
    assert.match(reflection.asked[1] ?? '', /[?&]resourceVersion=5&/);
    assert.doesNotMatch(reflection.asked[2] ?? '', /resourceVersion=/);
    await reflection.stop();
  }
});

test('reflect() asks for the latest list at once when its version has expired', async () => {
  const reflection = follow([
    watch([initialEnd(5), errorFrame('Expired', 410)], 'ends'),
    refuse('BadRequest', 400),
    refuse('Expired', 410),
    list(['a'], { version: 70 }),
    watch([]),
  ]);
  await reflection.clock.advance(2_000);
  assert.deepEqual(reflection.asked.slice(2, 4), ['?resourceVersion=5', '?limit=500']);
  assert.deepEqual(reflection.seen.at(-1), 'Done70');
  await reflection.stop();
});

test('reflect() waits and watches again, without a list, when nobody answers or it is too much', async () => {
  for (const failure of [refuse('TooManyRequests', 429), refused()]) {
    const reflection = follow([
      watch([initialEnd(5), modified('a', 6)], 'ends'),
      failure,
      watch([modified('a', 7)]),
    ]);
    while (reflection.asked.length < 2) await reflection.clock.advance(10);
    await reflection.clock.advance(700);
    assert.equal(reflection.asked.length, 2, 'the first wait is 0.8 s at least');
    await reflection.clock.advance(2_000);
    assert.deepEqual(reflection.seen, ['Init', 'Done5', '=a6', '=a7']);
    await reflection.stop();
  }
});

test('reflect() waits as long as Retry-After says', async () => {
  const busy: Handler = async () => {
    throw apiError('TooManyRequests', 'later', { retryAfterSeconds: 60 });
  };
  const reflection = follow([busy, watch([initialEnd(5)])]);
  await reflection.clock.advance(59_000);
  assert.equal(reflection.asked.length, 1);
  await reflection.clock.advance(31_000);
  assert.equal(reflection.asked.length, 2);
  await reflection.stop();
});

test('reflect() leaves out what has no name, and keeps all the others', async () => {
  const broken = [null, 5, {}, { metadata: null }, { metadata: { name: '' } }, { metadata: 'x' }];
  const frames = broken.filter((each) => typeof each === 'object' && each !== null);
  const metadata = { resourceVersion: '7' };
  const reflection = follow([
    refuse('BadRequest', 400),
    async () => json({ kind: 'PodList', metadata, items: [...broken, object('a', 1)] }),
    watch([...frames.map((each) => frame('ADDED', each)), modified('a', 8)]),
  ]);
  await settle();
  assert.deepEqual(reflection.seen, ['Init', 'Init', '+a1', 'Done7', '=a8']);
  const left = reflection.warnings.filter(
    (each) => each === 'an object without a name was left out',
  );
  assert.equal(left.length, broken.length + frames.length);
  await reflection.stop();
});

test('reflect() leaves out what has no name of a streamed list, too', async () => {
  const nameless = frame('ADDED', { metadata: {} });
  const reflection = follow([watch([nameless, added('a', 1), initialEnd(5)])]);
  await settle();
  assert.deepEqual(reflection.seen, ['Init', '+a1', 'Done5']);
  await reflection.stop();
});

test('reflect() does not follow a continue token for ever', async () => {
  const same = list(['a'], { version: 7, continue: 'same' });
  const reflection = follow([refuse('BadRequest', 400), ...Array.from({ length: 50 }, () => same)]);
  await settle();
  assert.equal(reflection.asked.length, 3);
  assert.equal(reflection.warnings.length, 1);
  await reflection.stop();
});

test('reflect() remembers no version that a bookmark does not have', async () => {
  const empty = [{}, { metadata: {} }, { metadata: { resourceVersion: '' } }];
  const reflection = follow([
    watch(
      [initialEnd(5), modified('a', 6), ...empty.map((each) => frame('BOOKMARK', each))],
      'ends',
    ),
    watch([]),
  ]);
  await reflection.clock.advance(1_000);
  assert.match(reflection.asked[1] ?? '', /[?&]resourceVersion=6&/);
  await reflection.stop();
});

test('reflect() takes a watch that ends at once without an event for a failure', async () => {
  const reflection = follow([watch([initialEnd(5)], 'ends'), watch([initialEnd(6)])]);
  await settle();
  assert.equal(reflection.asked.length, 1);
  await reflection.clock.advance(2_000);
  assert.deepEqual(reflection.seen, ['Init', 'Done5', 'Init', 'Done6']);
  await reflection.stop();
});

test('reflect() resumes after a connection that broke, in the middle of a frame too', async () => {
  const half = modified('b', 8).slice(0, 20);
  for (const end of ['breaks', 'ends'] as const) {
    const reflection = follow([
      watch([initialEnd(5), modified('a', 6), half], end),
      watch([modified('b', 8)]),
    ]);
    await reflection.clock.advance(2_000);
    assert.deepEqual(reflection.seen.slice(1), ['Done5', '=a6', '=b8'], end);
    assert.match(reflection.asked[1] ?? '', /[?&]resourceVersion=6&/);
    await reflection.stop();
  }
});

test('reflect() gives up a server that says nothing beyond the time of the watch', async () => {
  const deaf: Handler = () => new Promise(() => {});
  const silent = watch([initialEnd(5)], 'hangs');
  const reflection = follow([silent, deaf, watch([modified('a', 7)])]);
  await settle();
  await reflection.clock.advance(611_000);
  assert.equal(reflection.asked.length, 2);
  assert.match(reflection.asked[1] ?? '', /[?&]resourceVersion=5&/);
  await reflection.clock.advance(615_000);
  assert.deepEqual(reflection.seen, ['Init', 'Done5', '=a7']);
  await reflection.stop();
});

test('reflect() watches again while the server fails inside, then lists', async () => {
  const failing = watch([errorFrame('InternalError', 500)], 'ends');
  const reflection = follow([
    watch([initialEnd(5), modified('a', 6)], 'ends'),
    ...Array.from({ length: 40 }, () => failing),
  ]);
  await reflection.clock.advance(20_000);
  assert.ok(reflection.asked.slice(1).every((query) => query.includes('resourceVersion=6')));
  assert.ok(reflection.asked.slice(1).every((query) => !query.includes('sendInitialEvents')));
  await reflection.clock.advance(120_000);
  assert.ok(reflection.asked.some((query, at) => at > 0 && query.includes('sendInitialEvents')));
  await reflection.stop();
});

test('reflect() moves on from a watch from anywhere only after its initial events', async () => {
  const reflection = follow([
    refuse('BadRequest', 400),
    list(['a'], { version: 0 }),
    watch([added('b', 9), added('c', 4)], 'ends'),
    watch([modified('b', 12)], 'ends'),
    watch([]),
  ]);
  await reflection.clock.advance(2_000);
  assert.match(reflection.asked[3] ?? '', /[?&]resourceVersion=0&/);
  assert.match(reflection.asked[4] ?? '', /[?&]resourceVersion=12&/);
  await reflection.stop();
});

test('reflect() ends quietly when its signal aborts, wherever it is, and lets the connection go', async () => {
  const places: readonly Handler[][] = [
    [watch([], 'hangs')],
    [watch([initialEnd(5)], 'hangs')],
    [refused()],
    [refuse('BadRequest', 400), () => new Promise(() => {})],
  ];
  for (const answers of places) {
    const reflection = follow(answers);
    await settle();
    const before = reflection.seen.length;
    await reflection.stop();
    assert.equal(reflection.seen.length, before, 'nothing comes after the end');
    assert.equal(reflection.clock.pending, 0);
    assert.ok(reflection.signals.every((signal) => signal.aborted || answers.length === 1));
  }
});

test('reflect() surfaces what its consumer throws, and closes the watch', async () => {
  const { client, signals } = scripted([watch([initialEnd(5)], 'hangs')]);
  await assert.rejects(async () => {
    for await (const event of client.reflect(Pod)) {
      if (event.type === 'InitDone') throw new RangeError('of the consumer');
    }
  }, RangeError);
  assert.equal(signals[0]?.aborted, true);
});

test('reflect() refuses a call that cannot be made, at once', () => {
  const { client } = scripted([]);
  assert.throws(() => client.reflect(Pod, { namespace: 'a', allNamespaces: true }), TypeError);
});

test('reflect() says every 10 s that the initial list is still coming', async () => {
  const reflection = follow([watch([added('a', 1)], 'hangs')]);
  await reflection.clock.advance(25_000);
  assert.deepEqual(reflection.warnings, Array(2).fill('waiting for the end of the initial list'));
  await reflection.stop();
});

interface Followed {
  readonly seen: string[];
  readonly asked: string[];
  readonly signals: AbortSignal[];
  readonly warnings: string[];
  readonly clock: ManualClock;
  stop(): Promise<void>;
}

/** Follows pods through answers that come one after the other. */
function follow(answers: readonly Handler[], whatThen?: 'repeat the last'): Followed {
  const { client, clock, asked, signals } = scripted(answers, whatThen);
  const seen: string[] = [];
  const warnings: string[] = [];
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (message: string) => void warnings.push(message),
  };
  const stopping = new AbortController();
  const ended = (async () => {
    for await (const event of client.reflect(Pod, { signal: stopping.signal, logger })) {
      const { name, resourceVersion } = ('object' in event && event.object.metadata) || {};
      const marks = { Init: 'Init', InitApply: '+', InitDone: 'Done', Apply: '=', Delete: '-' };
      const version = event.type === 'InitDone' ? event.resourceVersion : (resourceVersion ?? '');
      seen.push(`${marks[event.type]}${name ?? ''}${version}`);
    }
  })();
  const stop = (): Promise<void> => {
    stopping.abort();
    return ended;
  };
  return { seen, asked, signals, warnings, clock, stop };
}

function scripted(answers: readonly Handler[], whatThen?: 'repeat the last') {
  const clock = new ManualClock();
  const asked: string[] = [];
  const signals: AbortSignal[] = [];
  const transport: Handler = async (request) => {
    const answer = answers[asked.length] ?? (whatThen === undefined ? undefined : answers.at(-1));
    asked.push(`?${request.query}`);
    signals.push(request.signal);
    return answer === undefined ? new Promise(() => {}) : answer(request);
  };
  const client = createClient({ transport, clock, random: seededRandom(7) });
  return { client, clock, asked, signals };
}

/** A watch that sends frames and then ends, breaks, or stays open. */
function watch(frames: readonly string[], then: 'ends' | 'breaks' | 'hangs' = 'hangs'): Handler {
  return async ({ signal }) => ({ status: 200, headers: {}, body: send(frames, then, signal) });
}

async function* send(
  frames: readonly string[],
  then: 'ends' | 'breaks' | 'hangs',
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const frame of frames) yield Buffer.from(frame);
  if (then === 'breaks') throw new ConnectionError({ problem: 'reset', message: 'cut' });
  if (then === 'ends') return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

function list(
  names: readonly string[],
  { version, continue: token }: { readonly version: number; readonly continue?: string },
): Handler {
  const metadata = { resourceVersion: String(version), ...(token ? { continue: token } : {}) };
  const items = names.map((name) => object(name, 1));
  return async () => json({ kind: 'PodList', metadata, items });
}

function refuse(
  reason: 'Expired' | 'Invalid' | 'BadRequest' | 'TooManyRequests',
  code: number,
): Handler {
  return async () => ({ ...json(apiError(reason, 'no').status), status: code });
}

function tooLarge(): Handler {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const { status } = apiError('Timeout', 'Too large resource version: 5, current: 2', { causes });
  return async () => ({ ...json(status), status: 504 });
}

function refused(): Handler {
  return async (_: HttpRequest): Promise<HttpResponse> => {
    throw new ConnectionError({ problem: 'refused', message: 'nobody listens', isUnsent: true });
  };
}

const added = (name: string, version: number): string => frame('ADDED', object(name, version));
const modified = (name: string, version: number): string =>
  frame('MODIFIED', object(name, version));
const deleted = (name: string, version: number): string => frame('DELETED', object(name, version));
const bookmark = (version: number): string =>
  frame('BOOKMARK', { metadata: { resourceVersion: String(version) } });

function initialEnd(version: number): string {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return frame('BOOKMARK', { metadata: { resourceVersion: String(version), annotations } });
}

function errorFrame(reason: 'Expired' | 'InternalError', code: number): string {
  return frame('ERROR', { ...apiError(reason, 'no').status, code });
}

function frame(type: string, of: object): string {
  return `${JSON.stringify({ type, object: of })}\n`;
}

function object(name: string, version: number): KubernetesObject {
  return { kind: 'Pod', metadata: { name, resourceVersion: String(version) } };
}

function json(value: object): HttpResponse {
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(value)) };
}

function withoutTimeout(query: string): string {
  return query.replace(/&timeoutSeconds=\d+/, '');
}
