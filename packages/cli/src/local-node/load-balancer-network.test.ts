import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host } from '@fairway/host';
import { holdLoadBalancerNetwork, loadBalancerClash } from './load-balancer-network.ts';
import { NetworkLocks } from './lock-network.ts';

test('load balancers get no network that the machine, its pods or its services are in', () => {
  const others = ['10.244.0.0/16', '10.0.0.0/24'];
  const clash = (cidr: string): string | undefined =>
    loadBalancerClash(cidr, { others, addresses: ['192.168.1.7', 'fd00::1'] });
  assert.equal(clash('10.245.0.0/24'), undefined);
  assert.equal(clash('192.168.1.240/28'), undefined);
  assert.match(clash('192.168.1.0/29') ?? '', /the address 192\.168\.1\.7, which is in/);
  assert.match(
    clash('10.244.7.0/24') ?? '',
    /10\.244\.7\.0\/24 has addresses of 10\.244\.0\.0\/16/,
  );
  assert.match(clash('10.0.0.0/8') ?? '', /has addresses of/);
});

test('a cluster takes the first network for load balancers that no other one has', async () => {
  const locked = new Set(['/run/fairway-networks/10.245.0.0_24']);
  const commands: string[] = [];
  const host = {
    environment: { addresses: ['10.245.1.9'], variables: {} },
    files: {
      async makeDirectory() {},
      async lock(path: string) {
        if (locked.has(path)) return undefined;
        locked.add(path);
        return { [Symbol.asyncDispose]: async () => void locked.delete(path) };
      },
    },
    processes: {
      async run({ file, arguments: words }: { file: string; arguments: readonly string[] }) {
        commands.push([file, ...words].join(' '));
        return { exitCode: 0, output: new Uint8Array() };
      },
    },
  } as unknown as Host;
  const known = { list: async () => [] };
  const locks = new NetworkLocks(host, known);
  const held = await holdLoadBalancerNetwork(host, { others: ['10.245.2.0/24'], locks });
  assert.equal(held.kind === 'network' && held.cidr, '10.245.3.0/24');
  assert.deepEqual(commands, ['ip route replace local 10.245.3.0/24 dev lo proto 121']);
  const same = await holdLoadBalancerNetwork(host, {
    cidr: '10.245.3.0/24',
    others: [],
    locks: new NetworkLocks(host, known),
  });
  assert.equal(
    same.kind === 'none' && same.why,
    'another cluster of this machine has addresses of 10.245.3.0/24: give another network with --load-balancer-cidr',
  );
  if (held.kind === 'network') await held[Symbol.asyncDispose]();
  assert.equal(commands.at(-1), 'ip route del local 10.245.3.0/24 dev lo proto 121');
  await locks[Symbol.asyncDispose]();
  assert.equal(locked.size, 1);
});
