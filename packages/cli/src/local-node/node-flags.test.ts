import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodejsBackgroundProcesses, nodejsMachineFiles } from '@fairway/host/machine';
import { readNodeFlags } from './node-flags.ts';

const doors = {
  background: nodejsBackgroundProcesses,
  machineFiles: nodejsMachineFiles,
  program: { pid: 1, command: 'fairway', file: 'node', arguments: [] },
};

test('--node says what runs pods on this machine', () => {
  for (const flags of [{ node: 'none' }, { node: 'simulated' }, { simulatedNodes: '3' }]) {
    assert.equal(readNodeFlags(doors, flags), undefined);
  }
  assert.equal(readNodeFlags(doors, {})?.runtime, 'auto');
  assert.equal(readNodeFlags(doors, { node: 'process' })?.nodeProgram, 'node');
  assert.equal(readNodeFlags(doors, {})?.loadBalancerCidr, undefined);
  const balanced = readNodeFlags(doors, { loadBalancerCidr: '192.0.2.1/32' });
  assert.equal(balanced?.loadBalancerCidr, '192.0.2.1/32');
  const read = readNodeFlags(doors, { node: 'containerd', nodeName: 'n1', nodeIp: '192.0.2.7' });
  assert.deepEqual([read?.runtime, read?.name, read?.address], ['containerd', 'n1', '192.0.2.7']);
});

test('a runtime or an address that there is not is refused by its flag', () => {
  assert.throws(
    () => readNodeFlags(doors, { node: 'docker' }),
    /--node "docker": it is one of auto/,
  );
  const flags = { node: 'auto', nodeIp: 'localhost' };
  const alone = { node: 'none', podManifestPath: '/manifests' };
  assert.throws(() => readNodeFlags(doors, alone), /with --node none this machine runs no pods/);
  const nowhere = { node: 'simulated', loadBalancerCidr: '192.0.2.0/28' };
  assert.throws(
    () => readNodeFlags(doors, nowhere),
    /--load-balancer-cidr: with --node simulated this machine runs no pods/,
  );
  for (const loadBalancerCidr of ['192.0.2.0', 'fd00::/64', '192.0.2.0/33']) {
    assert.throws(() => readNodeFlags(doors, { loadBalancerCidr }), /it is no network of IPv4/);
  }
  const containerRuntimeEndpoint = 'unix:///run/x.sock';
  const named = readNodeFlags(doors, { containerRuntimeEndpoint });
  assert.deepEqual([named?.runtime, named?.runtimeEndpoint], ['containerd', 'unix:///run/x.sock']);
  assert.throws(
    () => readNodeFlags(doors, { node: 'process', containerRuntimeEndpoint }),
    /--container-runtime-endpoint with --node process: .* take --node containerd/,
  );
  assert.throws(
    () => readNodeFlags(doors, { node: 'process', loadBalancerCidr: '192.0.2.0/28' }),
    /--load-balancer-cidr with --node process: .* take --node containerd/,
  );
  assert.throws(() => readNodeFlags(doors, flags), /--node-ip "localhost": it is no IPv4 address/);
});
