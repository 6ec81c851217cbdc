import assert from 'node:assert/strict';
import {
  appendFile,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { ManualClock, settle } from '@fairway/host/testing';
import type { ContainerRecord } from '../runtime/container.ts';
import type { LogOptions } from './log-options.ts';
import { type ContainerLog, readLog } from './read-log.ts';
import { LogRotator } from './rotate-logs.ts';

const time = '2026-11-29T12:00:00.123456789Z';

/** A log file in a folder of its own, as a runtime writes it. */
async function openLog(content = ''): Promise<
  AsyncDisposable & {
    readonly folder: string;
    readonly path: string;
    readonly clock: ManualClock;
    readonly container: { isRunning: boolean };
    read(options?: LogOptions, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
    text(options?: LogOptions): Promise<string>;
    end(): void;
  }
> {
  const folder = await mkdtemp(join(tmpdir(), 'container-logs-'));
  const path = join(folder, '0.log');
  await writeFile(path, content);
  const clock = new ManualClock();
  const container = { isRunning: true };
  const listeners = new Set<() => void>();
  const log: ContainerLog = {
    path,
    isRunning: async () => container.isRunning,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  const { signal: never } = new AbortController();
  const read = (options: LogOptions = {}, signal = never) =>
    readLog(log, options, { clock, signal });
  return {
    folder,
    path,
    clock,
    container,
    read,
    async text(options) {
      return Buffer.concat(await Array.fromAsync(await read(options))).toString();
    },
    end() {
      container.isRunning = false;
      for (const listener of listeners) listener();
    },
    async [Symbol.asyncDispose]() {
      assert.equal(listeners.size, 0, 'somebody still listens');
      assert.equal(clock.pending, 0, 'timers are left');
      assert.deepEqual(await openFiles(folder), [], 'files are left open');
      await rm(folder, { recursive: true });
    },
  };
}

async function openFiles(folder: string): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const files = await Promise.all(
    descriptors.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => '')),
  );
  return files.filter((each) => each.startsWith(folder));
}

function lines(from: number, count: number, width = 10): string {
  const texts = Array.from({ length: count }, (_, at) => `${from + at}`.padEnd(width, '.'));
  return texts.map((text) => `${time} stdout F ${text}\n`).join('');
}

function textsOf(log: string): string {
  return log.replaceAll(/^.* F /gm, '');
}

test('a log is the texts of its lines, of one stream or both, with or without their times', async () => {
  await using log = await openLog(
    [
      `${time} stdout F one`,
      `${time} stderr F two`,
      `${time} stdout P three `,
      `${time} stdout P and `,
      `${time} stdout F a half`,
      `${time} stdout F `,
      `${time} stdout P:x tagged `,
      `${time} stdout F:y:z text`,
      'what no runtime writes',
      `${time} stdin F neither`,
      `${time} stdout F not whole yet`,
    ].join('\n'),
  );
  assert.equal(await log.text(), 'one\ntwo\nthree and a half\n\ntagged text\n');
  assert.equal(await log.text({ stream: 'stderr' }), 'two\n');
  assert.equal(
    await log.text({ timestamps: true, stream: 'stdout' }),
    `${time} one\n${time} three and a half\n${time} \n${time} tagged text\n`,
  );
  assert.equal(await log.text({ limitBytes: 6 }), 'one\ntw');
});

test('a log begins with the first line that is young enough', async () => {
  await using log = await openLog(
    ['T11:59:59.999999999Z', 'T14:00:00.5+02:00', 'T11:00:00Z']
      .map((each, at) => `2026-11-29${each} stdout F ${at}\n`)
      .join(''),
  );
  assert.equal(await log.text({ sinceMs: Date.UTC(2026, 10, 29, 12) }), '1\n2\n');
  assert.equal(await log.text({ sinceMs: Date.UTC(2026, 10, 29, 12, 0, 1) }), '');
});

test('the tail of a log is found from its end, wherever blocks begin', async () => {
  const parts = `${time} stdout P split \n${time} stdout P in \n${time} stdout F parts\n`;
  const long = `${time} stdout F ${'x'.repeat(100_000)}\n`;
  const all = lines(0, 3_000) + parts + lines(3_000, 10) + long + lines(3_010, 2);
  for (const ending of ['', `${time} stdout F not whole`]) {
    await using log = await openLog(all + ending);
    const expected = (await log.text()).split('\n').slice(0, -1);
    for (const tailLines of [0, 1, 2, 3, 4, 13, 14, 15, 1_500, 3_012, 3_013, 3_014, 1e6]) {
      const tail = expected.slice(Math.max(0, expected.length - tailLines));
      const text = tail.map((each) => `${each}\n`).join('');
      assert.equal(await log.text({ tailLines }), text, `${tailLines} lines`);
    }
  }
});

test('the tail counts a line that goes on as one, and lines of the stream that is wanted', async () => {
  await using log = await openLog(
    `${time} stdout F a\n${time} stderr F b\n${time} stdout F c\n${time} stderr F d\n${time} stdout P e`,
  );
  await appendFile(log.path, '\n');
  assert.equal(await log.text({ tailLines: 1 }), 'e');
  assert.equal(await log.text({ tailLines: 2 }), 'd\ne');
  assert.equal(await log.text({ tailLines: 2, stream: 'stderr' }), 'b\nd\n');
});

test('a line that no runtime writes costs no memory and hides no other', async () => {
  await using log = await openLog(lines(0, 2) + 'y'.repeat(3_000_000) + '\n' + lines(2, 2));
  assert.equal(await log.text(), textsOf(lines(0, 4)));
  assert.equal(await log.text({ tailLines: 3 }), textsOf(lines(1, 3)));
});

test('a log that is followed tells what is written, and ends with its container', async () => {
  await using log = await openLog(lines(0, 2));
  const reader = (await log.read({ follow: true, tailLines: 1 }))[Symbol.asyncIterator]();
  assert.equal(String(Buffer.from((await reader.next()).value)), textsOf(lines(1, 1)));
  for (const at of [2, 3]) {
    const next = reader.next();
    await appendFile(log.path, lines(at, 1));
    assert.equal(String(Buffer.from((await next).value)), textsOf(lines(at, 1)));
  }
  const last = reader.next();
  await appendFile(log.path, lines(4, 1));
  assert.equal(String(Buffer.from((await last).value)), textsOf(lines(4, 1)));
  const over = reader.next();
  log.end();
  assert.deepEqual(await over, { done: true, value: undefined });
});

test('a log that is followed ends with its reader, who may never have read', async () => {
  await using log = await openLog(lines(0, 2));
  const [reading, waiting] = [new AbortController(), new AbortController()];
  await log.read({ follow: true }, reading.signal);
  reading.abort();
  const texts = await log.read({ follow: true, tailLines: 0 }, waiting.signal);
  const next = texts[Symbol.asyncIterator]().next();
  await settle();
  waiting.abort();
  assert.deepEqual(await next, { done: true, value: undefined });
});

test('nothing is lost when a log is rotated, however slowly it is read', async () => {
  await using log = await openLog(lines(0, 3));
  const rotate = async (second: number): Promise<void> => {
    await rename(log.path, `${log.path}.20261129-12000${second}`);
  };
  const reader = (await log.read({ follow: true }))[Symbol.asyncIterator]();
  let text = String(Buffer.from((await reader.next()).value));
  await rotate(1);
  // What the runtime still writes to the old file before it opens the new one.
  await appendFile(`${log.path}.20261129-120001`, lines(3, 1));
  await writeFile(log.path, lines(4, 2));
  await rotate(2);
  await writeFile(log.path, lines(6, 1));
  log.container.isRunning = false;
  for (;;) {
    const next = reader.next();
    await settle();
    await log.clock.advance(1_000);
    const { done, value } = await next;
    if (done === true) break;
    text += String(Buffer.from(value));
  }
  assert.equal(text, textsOf(lines(0, 7)));
});

test('a new file is not begun before its runtime had time to write the last of the old one', async () => {
  await using log = await openLog(lines(0, 1));
  const caller = new AbortController();
  const reader = (await log.read({ follow: true }, caller.signal))[Symbol.asyncIterator]();
  let text = String(Buffer.from((await reader.next()).value));
  await rename(log.path, `${log.path}.20261129-120001`);
  await writeFile(log.path, lines(2, 1));
  for (const late of [`${log.path}.20261129-120001`, undefined]) {
    const next = reader.next();
    if (late !== undefined) await appendFile(late, lines(1, 1));
    // Looks until the time is over, which begins when it has seen the new file.
    let isThere = false;
    void next.then(() => (isThere = true));
    while (!isThere) {
      if (late === undefined) await log.clock.advance(100);
      await new Promise(setImmediate);
    }
    text += String(Buffer.from((await next).value));
  }
  assert.equal(text, textsOf(lines(0, 3)));
  caller.abort();
  assert.equal((await reader.next()).done, true);
});

test('a log that grows too large begins a new file, and the oldest are taken away', async () => {
  await using log = await openLog(lines(0, 1));
  const reopened: string[] = [];
  const container = { id: 'c1', state: 'running', logPath: log.path } as ContainerRecord;
  const rotator = new LogRotator(
    {
      clock: log.clock,
      logger: silentLogger,
      runtime: {
        listPods: async () => [
          { uid: 'u', name: 'p', namespace: 'n', sandboxes: [], containers: [container] },
        ],
        containerRecord: async () => container,
        async reopenLog(id) {
          if (reopened.length === 4) throw new Error('the runtime does not answer');
          reopened.push(id);
          await appendFile(log.path, '');
        },
      },
    },
    { fileBytesMax: 400, filesMax: 3 },
  );
  await rotator.look();
  assert.deepEqual(await readdir(log.folder), ['0.log'], 'it is small');
  const delays: number[] = [];
  for (let round = 0; round < 5; round++) {
    await appendFile(log.path, lines(round * 10, 10));
    await log.clock.advance(10_000);
    delays.push(await rotator.look());
  }
  // It grows faster than one looks every ten seconds.
  assert.ok(
    delays.slice(0, 4).every((each) => each > 1_000 && each < 10_000),
    delays.join(),
  );
  assert.equal(delays[4], 10_000, 'it was not rotated');
  assert.deepEqual(reopened, ['c1', 'c1', 'c1', 'c1']);
  const [current = '', ...earlier] = (await readdir(log.folder)).sort();
  assert.equal(current, '0.log');
  assert.equal(await readFile(log.path, 'utf8'), lines(40, 10), 'it goes on where it was written');
  assert.ok(earlier.length <= 2 && earlier.length > 0, String(earlier));
});
