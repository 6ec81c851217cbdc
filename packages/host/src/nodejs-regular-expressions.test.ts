import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';

// In a process of its own, since what it sets holds for all of one.
test('boundBacktracking() ends a search that would take years', async () => {
  const module = new URL('./nodejs-regular-expressions.ts', import.meta.url);
  const program = `
    import { boundBacktracking } from '${module}';
    boundBacktracking();
    console.log(/^(a+)+$/.test('a'.repeat(60) + '!'), /^(a+)+$/.test('a'.repeat(60)));
  `;
  const found = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program],
    { timeout: 30_000 },
  );
  assert.equal(found.stdout, 'false true\n');
});
