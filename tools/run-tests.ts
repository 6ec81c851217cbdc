/**
 * Runs every test of the repository in one process and ends with the runner's summary.
 * Arguments are path filters: `npm test -- packages/store`.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

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

const child = spawn(
  process.execPath,
  [
    '--conditions=@fairway/source',
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-isolation=none',
    '--test-reporter=spec',
    `--test-timeout=${testTimeoutMs}`,
    ...options,
    ...files,
  ],
  { stdio: 'inherit' },
);
child.on('close', (code) => process.exit(code ?? 1));
