import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTar } from './read-tar.ts';
import { type TarEntry, TarError } from './tar-entry.ts';
import { writeTar } from './write-tar.ts';

const name = fc.stringMatching(/^[a-zé]{1,130}$/);
const files = fc.array(
  fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }),
    bytes: fc.uint8Array({ maxLength: 1200 }),
  }),
  { maxLength: 4 },
);

test('readTar() reads what writeTar() writes, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.integer({ min: 1, max: 700 }), async (sent, cut) => {
      const entries = sent.map(({ path, bytes }) => file(path.join('/'), bytes));
      const wire = await archive(entries);
      const read = await contents(readTar(cutUp(wire, cut)));
      assert.deepEqual(
        read,
        sent.map(({ path, bytes }) => [path.join('/'), [...bytes]]),
      );
    }),
    { numRuns: 40 },
  );
});

test('readTar() refuses or reads any bytes, and never fails otherwise', async () => {
  const valid = await archive([file('a', new Uint8Array(600))]);
  await fc.assert(
    fc.asyncProperty(fc.nat(valid.length - 1), fc.nat(255), async (at, byte) => {
      const broken = Uint8Array.from(valid);
      broken[at] = byte;
      try {
        await contents(readTar(cutUp(broken, 512)));
      } catch (error) {
        assert.ok(error instanceof TarError);
      }
    }),
  );
});

for (const path of ['../out', 'a/../../out', 'a\\..\\out']) {
  test(`readTar() refuses ${path}, which leads elsewhere`, async () => {
    const wire = await archive([file(path, new Uint8Array())]);
    await assert.rejects(contents(readTar(cutUp(wire, 512))), {
      name: 'TarError',
      message: /leads/,
    });
  });
}

test('readTar() keeps absolute names inside', async () => {
  const wire = await archive([file('/etc/passwd', Uint8Array.of(1))]);
  assert.deepEqual(await contents(readTar(cutUp(wire, 512))), [['etc/passwd', [1]]]);
});

test('readTar() says that an archive was cut', async () => {
  const wire = await archive([file('a', new Uint8Array(600))]);
  const cut = readTar(cutUp(wire.subarray(0, 900), 512));
  await assert.rejects(contents(cut), { name: 'TarError', message: 'the archive ends early' });
});

function file(path: string, bytes: Uint8Array): TarEntry {
  const content = cutUp(bytes, 500);
  return { path, kind: 'file', mode: 0o644, sizeBytes: bytes.length, content };
}

async function archive(entries: readonly TarEntry[]): Promise<Uint8Array> {
  async function* each(): AsyncGenerator<TarEntry, undefined> {
    yield* entries;
  }
  return Buffer.concat(await Array.fromAsync(writeTar(each())));
}

async function contents(entries: AsyncIterable<TarEntry>): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const { path, content } of entries) {
    read.push([path, Array.from(Buffer.concat(await Array.fromAsync(content)))]);
  }
  return read;
}

async function* cutUp(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
