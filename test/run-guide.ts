import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/**
 * Types all commands of a guide into one shell, in a folder whose cluster is open there, and finds the
 * lines in their output that the guide shows after them. `adapt` changes what a test cannot have as it stands, such as
 * a port.
 */
export async function runGuide(
  name: string,
  directory: string,
  adapt: (guide: string) => string = (guide) => guide,
): Promise<void> {
  const place = join(directory, '.fairway');
  if (!existsSync(place)) await symlink(directory, place);
  const { steps, script } = guideScript(adapt(await readGuide(name)));
  assert.ok(steps.length >= 5);
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: directory,
    env: guideVariables(directory),
  }).catch((error: { stdout: string }) => error);
  expectOutputs(steps, stdout);
}

export function readGuide(name: string): Promise<string> {
  return readFile(join(root, `docs/guides/${name}.md`), 'utf8');
}

/** Those of a reader who is at home in a folder and has installed `fairway`. */
export function guideVariables(home: string): { readonly PATH: string; readonly HOME: string } {
  return { PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`, HOME: home };
}

/** A block of commands in a guide. */
export interface GuideStep {
  readonly commands: string;
  /** What the guide shows after it; empty when it shows nothing. */
  readonly shown: string;
}

/** The commands of a guide, and all of them as one script for `expectOutputs`. */
export function guideScript(guide: string): {
  readonly steps: readonly GuideStep[];
  readonly script: string;
} {
  const blocks = guide.matchAll(/```sh\n([^]*?)```\n(?:\n```text\n([^]*?)```)?/g);
  const steps = [...blocks].map(([, commands = '', shown = '']) => ({ commands, shown }));
  const typed = steps.map(
    ({ commands }, at) => `echo "@@${at}"\n${commands.replaceAll('npx fairway', 'fairway')}`,
  );
  return { steps, script: `exec 2>&1\n${typed.join('')}` };
}

/**
 * Finds the lines that each step shows in what it printed. How wide a column is does not matter: others that
 * come and go may have more to say.
 */
export function expectOutputs(steps: readonly GuideStep[], stdout: string): void {
  const outputs = withNarrowColumns(stdout)
    .split(/^@@\d+\n/m)
    .slice(1);
  for (const [at, { commands, shown }] of steps.entries()) {
    for (const line of withNarrowColumns(shown).split('\n')) {
      assert.ok(outputs[at]?.includes(line), `${commands}\nprinted ${outputs[at]}\nnot ${line}`);
    }
  }
}

function withNarrowColumns(text: string): string {
  return text.replaceAll(/(?<=\S) {2,}/g, ' ');
}
