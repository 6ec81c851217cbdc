import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { groupFiles, writeGroup } from './group-files.ts';
import { dearestTests } from './test-costs.ts';

const tests = `
import { describe, test } from 'node:test';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('passes', () => {});
test('ends well after a turn', turn);
test('rejects what nobody waits for', async () => {
  void turn().then(async () => { await null; throw new Error('lost'); });
  await turn();
  await turn();
});
test('throws in a callback', async () => {
  await turn();
  setImmediate(() => { throw new Error('thrown'); });
  await turn();
  await turn();
});
describe('a suite', () => {
  test('has this test', async (t) => {
    await turn();
    await t.test('and a subtest', turn);
  });
});
test('is dear', () => {
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 60_000);
});
`;

test('a group tells which test failed, however it failed, and which is dear', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fairway-group-'));
  try {
    const file = path.join(folder, 'some.test.mjs');
    const broken = path.join(folder, 'broken.test.mjs');
    await writeFile(file, tests);
    await writeFile(broken, 'import "./missing.mjs";');
    const { printed: tap } = await run(writeGroup(folder, 'some/group', [file, broken]));
    const outcomes = [...tap.matchAll(/^ *((?:not )?ok) \d+ - (.*)$/gm)].map((match) =>
      match.slice(1).join(' '),
    );
    assert.deepEqual(outcomes, [
      'ok passes',
      'ok ends well after a turn',
      'not ok rejects what nobody waits for',
      'not ok throws in a callback',
      'ok and a subtest',
      'ok has this test',
      'ok a suite',
      'ok is dear',
      `not ok ${broken} can be loaded`,
    ]);
    assert.match(tap, /error: 'lost'/);
    assert.match(tap, /error: 'thrown'/);
    const [dearest] = dearestTests(folder, 1);
    assert.equal(dearest?.name, 'is dear');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a group whose test holds something open ends all the same, and says what', async () => {
  const { exitCode, printed } = await runOne(
    "test('holds', () => void setInterval(() => {}, 1_000));",
  );
  assert.match(printed, /^ok 1 - holds$/m);
  assert.match(printed, /one\.test\.mjs are over and hold: .*Timeout/);
  assert.equal(exitCode, 1);
});

test('a group that ends before its tests has failed', async () => {
  const { exitCode, printed } = await runOne('process.exit(0);');
  assert.match(printed, /ended before the tests of .*one\.test\.mjs were over/);
  assert.equal(exitCode, 1);
});

test('the files of a package share a process, and the longest starts first', () => {
  const files = ['packages/host/src/a.test.ts', 'packages/host/test/b.test.ts', 'test/c.test.ts'];
  const groups = groupFiles([...files, 'packages/store/src/d.test.ts']);
  assert.deepEqual(
    [...groups],
    [
      ['packages/store', ['packages/store/src/d.test.ts']],
      ['packages/host', files.slice(0, 2)],
      ['test/c.test.ts', ['test/c.test.ts']],
    ],
  );
});

/** Runs a group of one file, which waits for nothing that is open. */
async function runOne(tests: string): Promise<Ran> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fairway-group-'));
  try {
    const file = path.join(folder, 'one.test.mjs');
    const program = path.join(folder, 'group.mjs');
    await writeFile(file, `import { test } from 'node:test';\n${tests}`);
    const runner = JSON.stringify(import.meta.resolve('./run-group.ts'));
    await writeFile(
      program,
      `const { runGroup } = await import(${runner});
      await runGroup(${JSON.stringify([file])}, ${JSON.stringify(folder)}, 1);`,
    );
    return await run(program);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Ran {
  /** As TAP, and then the errors. */
  readonly printed: string;
  readonly exitCode: number | null;
}

/** Runs a program of tests to its end. */
function run(program: string): Promise<Ran> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const flags = ['--disable-warning=ExperimentalWarning', '--test-reporter=tap'];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...flags, program], { env }, (_error, out, err) =>
      resolve({ printed: out + err, exitCode: child.exitCode }),
    );
  });
}
