import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFiles } from '@fairway/host/testing';
import type { Environment } from '@fairway/host';
import { readMachine } from './machine.ts';

const environment: Environment = {
  variables: {},
  platform: 'linux',
  architecture: 'x64',
  workingDirectory: '/',
  hostName: 'Node-A',
  addresses: [],
  isInteractive: false,
  utcOffsetMinutes: () => 0,
};

const machineFiles = {
  fileSystem: async () => ({ sizeBytes: 2 ** 40, freeBytes: 0, inodes: 0, freeInodes: 0 }),
};

test('readMachine() reads what a machine says of itself', async () => {
  const files = new MemoryFiles({
    '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: x\nprocessor\t: 1\n',
    '/proc/meminfo': 'MemTotal:       24684096 kB\nMemFree:        1 kB\n',
    '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian"\n',
    '/proc/sys/kernel/osrelease': '6.18.44\n',
    '/proc/sys/kernel/random/boot_id': 'a53eb489\n',
    '/etc/machine-id': '3d1219c7\n',
  });
  const machine = await readMachine({ files, machineFiles, environment }, '/data');
  assert.deepEqual(machine, {
    hostName: 'node-a',
    cpuCount: 2,
    memoryBytes: 24_684_096 * 1024,
    storageBytes: 2 ** 40,
    info: {
      architecture: 'amd64',
      bootID: 'a53eb489',
      kernelVersion: '6.18.44',
      machineID: '3d1219c7',
      operatingSystem: 'linux',
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      systemUUID: '3d1219c7',
    },
  });
});

test('readMachine() says nothing of what the machine does not tell', async () => {
  const machine = await readMachine(
    { files: new MemoryFiles(), machineFiles, environment },
    '/data',
  );
  assert.deepEqual([machine.cpuCount, machine.memoryBytes, machine.info.osImage], [1, 0, '']);
});
