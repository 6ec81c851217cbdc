import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from '@fairway/host';
import { MemoryFiles } from '@fairway/host/testing';
import { findProgram } from './find-program.ts';

const files = new MemoryFiles();
files.put('/usr/bin/kubectl', '', 0o755);
files.put('/home/a/bin/kubectl', '', 0o644);
files.put('/home/a/tool', '', 0o755);
files.put('/home/a/notes', '', 0o644);

const environment = {
  variables: { PATH: '/home/a/bin:/usr/bin' },
  workingDirectory: '/home/a',
  platform: 'linux',
} as unknown as Environment;

test('findProgram() finds what a shell finds, and answers its codes for what it does not', async () => {
  const answers: Record<string, object> = {
    kubectl: { kind: 'found', path: '/usr/bin/kubectl' },
    './tool': { kind: 'found', path: './tool' },
    '/home/a/tool': { kind: 'found', path: '/home/a/tool' },
    './notes': {
      kind: 'missing',
      exitCode: 126,
      message: './notes may not be executed; make it executable: chmod +x ./notes',
    },
    '/home/a': { kind: 'missing', exitCode: 126, message: '/home/a is a folder; name a program' },
    './nothing': {
      kind: 'missing',
      exitCode: 127,
      message: './nothing: command not found; check the path',
    },
    kubect1: {
      kind: 'missing',
      exitCode: 127,
      message: 'kubect1: command not found; install it, or give its path; it is looked for in PATH',
    },
  };
  for (const [word, answer] of Object.entries(answers)) {
    assert.deepEqual(await findProgram({ files, environment }, word), answer);
  }
});
