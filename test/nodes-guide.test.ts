import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { fairwayCommand, startProgram } from './fairway-process.ts';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { runGuide } from './run-guide.ts';

const skip = (await skipWithoutNamespaces()) || (await skipWithoutKubectl(30));

test('the commands of the guide to nodes that join do what it says', { skip }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-nodes-guide-'));
  const up = ['up', '--memory', '--node=none', '--listen=127.0.0.1:0'];
  const cluster = startProgram([...fairwayCommand, ...up], { workingDirectory: directory });
  try {
    await cluster.until('Stop it with');
    await runGuide('nodes', directory);
  } finally {
    cluster.child.kill('SIGINT');
    await cluster.ended;
    await rm(directory, { recursive: true });
  }
});
