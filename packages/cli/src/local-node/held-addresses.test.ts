import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodejsHost } from '@fairway/host/nodejs';
import { MemoryFiles } from '@fairway/host/testing';
import { recordAddresses, releaseAddresses } from './held-addresses.ts';

test('routes and the address of a cluster that was killed go, where nobody else has its network', async () => {
  const files = new MemoryFiles();
  const commands: string[] = [];
  const output = (text: string) => ({ exitCode: 0, output: Buffer.from(text) });
  const real = nodejsHost();
  const host = {
    ...real,
    files,
    processes: {
      ...real.processes,
      run: async ({ arguments: words = [] }: { readonly arguments?: readonly string[] }) => {
        const command = words.join(' ');
        commands.push(command);
        if (command.includes('route show')) {
          return output('10.9.1.0/24 via 192.0.2.2 dev lan \n');
        }
        return output(command.startsWith('-o addr') ? '1: lo inet 10.9.0.1/32 lo:fairway' : '');
      },
    },
  };
  const held = { podNetwork: '10.9.0.0/24', clusterNetwork: '10.9.0.0/16', address: '10.9.0.1' };
  await recordAddresses(host, '/data', held);
  await releaseAddresses(host, '/data');
  assert.deepEqual(
    commands.filter((command) => / del /.test(` ${command} `)),
    ['-4 route del 10.9.1.0/24 proto 174', 'addr del 10.9.0.1/32 dev lo'],
  );
  commands.length = 0;
  await using other = await files.lock('/run/fairway-networks/10.9.0.0_24');
  assert.ok(other !== undefined);
  await releaseAddresses(host, '/data');
  assert.deepEqual(commands, [], 'another cluster has it by now');
});
