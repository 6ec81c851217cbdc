import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from '../service-backends.ts';
import type { ServicePort } from '../service-rules/service-port.ts';
import { entranceChange } from './entrance-change.ts';
import { ruledPorts } from './pod-rules.ts';
import { serviceEntrances } from './service-entrances.ts';

const network = {
  podCidrs: ['10.244.0.0/24'],
  serviceCidr: '10.96.0.0/12',
  nodeAddresses: ['198.51.100.7'],
  taken: [{ address: '10.96.0.1', port: 443 }],
};

const pod = { address: '10.244.0.2', port: 8080 };

function portOf(changes: Partial<ServicePort>): ServicePort {
  return {
    key: 'shop/web/tcp/80',
    protocol: 'tcp',
    port: 80,
    clusterAddresses: ['10.96.0.20'],
    externalAddresses: [],
    loadBalancer: { addresses: [], sources: undefined },
    nodePort: undefined,
    affinitySeconds: undefined,
    internalBackends: [pod],
    externalBackends: [pod],
    allBackends: undefined,
    ...changes,
  };
}

test('a port of a service is entered at its address, and from outside by its node port', () => {
  const local = { address: '10.244.0.3', port: 8080 };
  const port = portOf({ nodePort: 30_080, affinitySeconds: 60, externalBackends: [local] });
  assert.deepEqual(
    [...serviceEntrances([port], network).values()],
    [
      {
        key: 'tcp 10.96.0.20:80',
        protocol: 'tcp',
        place: { address: '10.96.0.20', port: 80 },
        nodePort: undefined,
        affinitySeconds: 60,
        backends: [{ ...pod, isOutside: false }],
      },
      {
        key: 'tcp node port 30080',
        protocol: 'tcp',
        place: undefined,
        nodePort: 30_080,
        affinitySeconds: 60,
        backends: [{ ...local, isOutside: false }],
      },
    ],
  );
});

test('nobody is led to where only the machine itself comes, nor in circles', () => {
  const refused: readonly Backend[] = [
    { address: '127.0.0.1', port: 6443 },
    { address: '169.254.169.254', port: 80 },
    { address: '224.0.0.1', port: 80 },
    { address: '0.0.0.0', port: 80 },
    { address: '10.96.0.20', port: 80 },
    { address: '198.51.100.7', port: 30_080 },
  ];
  const allowed: readonly Backend[] = [
    { address: '198.51.100.7', port: 5432 },
    { address: '10.244.1.2', port: 80 },
  ];
  const port = portOf({ nodePort: 30_080, internalBackends: [...refused, ...allowed] });
  assert.deepEqual(
    serviceEntrances([port], network).get('tcp 10.96.0.20:80')?.backends,
    allowed.map((each) => ({ ...each, isOutside: true })),
  );
});

test('what is in the network already stays, and only connections are led out of it', () => {
  const api = portOf({ clusterAddresses: ['10.96.0.1'], port: 443 });
  const sctp = portOf({ protocol: 'sctp' });
  const elsewhere = { address: '10.244.1.2', port: 53 };
  const udp = portOf({ protocol: 'udp', nodePort: 30_053, internalBackends: [pod, elsewhere] });
  const entrances = [...serviceEntrances([api, sctp, udp], network).values()];
  assert.deepEqual(
    entrances.map(({ key, backends }) => [key, backends]),
    [['udp 10.96.0.20:80', [{ ...pod, isOutside: false }]]],
  );
});

test('rules are for services that lead to pods of the network only, as pods come to them', () => {
  const outside = { address: '192.0.2.7', port: 80 };
  const refused = { address: '169.254.169.254', port: 80 };
  const api = portOf({ clusterAddresses: ['10.96.0.1'], port: 443 });
  const others = [
    portOf({ internalBackends: [] }),
    portOf({ internalBackends: [pod, outside] }),
    portOf({ internalBackends: [pod, refused] }),
    portOf({ protocol: 'sctp' }),
  ];
  const open = { externalAddresses: ['198.51.100.9'], nodePort: 30_080 };
  const loadBalancer = { addresses: ['198.51.100.8'], sources: undefined };
  const udp = portOf({ protocol: 'udp' });
  assert.deepEqual(ruledPorts([api, ...others, portOf({ ...open, loadBalancer }), udp], network), [
    portOf({}),
    udp,
  ]);
});

test('only what is different is told, and all of it to whoever knows nothing', () => {
  const before = serviceEntrances(
    [portOf({}), portOf({ port: 81 }), portOf({ port: 82 })],
    network,
  );
  const after = serviceEntrances(
    [portOf({}), portOf({ port: 81, internalBackends: [] }), portOf({ port: 83 })],
    network,
  );
  const { isWhole, set, gone } = entranceChange(before, after);
  assert.deepEqual(
    [isWhole, set.map(({ key }) => key), gone],
    [false, ['tcp 10.96.0.20:81', 'tcp 10.96.0.20:83'], ['tcp 10.96.0.20:82']],
  );
  assert.equal(entranceChange(undefined, after).set.length, 3);
  assert.deepEqual(entranceChange(after, serviceEntrances([], network)).gone.length, 3);
});
