/**
 * Runs every test of the repository, one process a package and as many at once as there are cores,
 * and ends with one summary, the failures, and the tests that cost most.
 * Arguments are path filters: `npm test -- packages/store`. Options go to Node.js.
 */
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { cpuTimeMs } from './tests/cpu-time.ts';
import { groupFiles, writeGroup } from './tests/group-files.ts';
import { dearestTests } from './tests/test-costs.ts';

const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const files = globSync(['packages/*/{src,test}/**/*.test.ts', '{test,tools,examples}/**/*.test.ts'])
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort();

if (files.length === 0) {
  console.error(`error: no test file matches ${filters.join(' ')}`);
  process.exit(1);
}

/** A test that hangs is a test that failed; the slowest one kills fifty processes. */
const testTimeoutMs = 120_000;
/** How many of the dearest tests are named, and from which sum on there is something to tell. */
const dearestCount = 10;
const dearMs = 1_000;

const folder = mkdtempSync(path.join(tmpdir(), 'fairway-tests-'));
const results = run({
  files: [...groupFiles(files)].map(([name, members]) => writeGroup(folder, name, members)),
  isolation: 'process',
  concurrency: availableParallelism(),
  timeout: testTimeoutMs,
  execArgv: options,
});
results.on('test:fail', () => (process.exitCode = 1));
results.on('test:summary', ({ success, file }) => {
  if (file === undefined && !success) process.exitCode = 1;
});
results.compose(new spec()).pipe(process.stdout);

process.once('exit', () => {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;
  const dear = dearestTests(folder, dearestCount).filter(({ cpuMs }) => cpuMs >= dearMs);
  rmSync(folder, { recursive: true, force: true });
  console.log(`\nCPU time:${seconds(cpuTimeMs())}`);
  if (dear.length > 0) console.log('The dearest tests:');
  for (const { name, cpuMs } of dear) console.log(`${seconds(cpuMs)}  ${name}`);
});
