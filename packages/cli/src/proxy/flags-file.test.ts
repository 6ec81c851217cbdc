import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { layeredFlags } from './flags-file.ts';

async function read(text: string, ...typed: readonly string[]): Promise<unknown> {
  const command = new Command()
    .option('--no-service-hosts', 'no hosts')
    .option('--read-only', 'no writes')
    .parse([...typed], { from: 'user' });
  const { serviceHosts } = await layeredFlags(command, command.opts()).with('flags.yaml', text);
  return serviceHosts;
}

test('layeredFlags() reads a flag that turns something off by both of its names', async () => {
  assert.equal(await read('{}'), true);
  assert.equal(await read('no-service-hosts: true'), false);
  assert.equal(await read('no-service-hosts: false'), true);
  assert.equal(await read('service-hosts: false'), false);
  assert.equal(await read('service-hosts: true'), true);
  assert.equal(await read('service-hosts: true', '--no-service-hosts'), false);
});

test('layeredFlags() refuses what is said twice, and what is no flag', async () => {
  await assert.rejects(
    read('{service-hosts: true, no-service-hosts: true}'),
    /flags.yaml: no-service-hosts and service-hosts are one flag/,
  );
  await assert.rejects(read('no-read-only: true'), /"no-read-only" is no flag that it may have/);
  await assert.rejects(read('service-hosts: 1'), /service-hosts is true or false/);
});
