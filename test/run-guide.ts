import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/**
 * Types all commands of a guide into one shell, in a folder whose cluster is open there, and finds the
 * lines in their output that the guide shows after them.
 */
export async function runGuide(name: string, directory: string): Promise<void> {
  await symlink(directory, join(directory, '.fairway'));
  const guide = await readFile(join(root, `docs/guides/${name}.md`), 'utf8');
  const steps = [...guide.matchAll(/```sh\n([^]*?)```\n(?:\n```text\n([^]*?)```)?/g)];
  assert.ok(steps.length >= 7);
  const script = steps
    .map(
      ([, block = ''], index) => `echo "@@${index}"\n${block.replaceAll('npx fairway', 'fairway')}`,
    )
    .join('');
  const { stdout } = await promisify(execFile)('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd: directory,
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
      HOME: directory,
    },
  }).catch((error: { stdout: string }) => error);
  const outputs = stdout.split(/^@@\d+\n/m).slice(1);
  for (const [index, [, block, expected = '']] of steps.entries()) {
    for (const line of expected.split('\n')) {
      assert.ok(outputs[index]?.includes(line), `${block}\nprinted ${outputs[index]}\nnot ${line}`);
    }
  }
}
