import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { nodes } from './nodes.ts';

test('nodes show state, roles, addresses and software', () => {
  const node = {
    metadata: {
      labels: {
        'node-role.kubernetes.io/worker': '',
        'node-role.kubernetes.io/': 'none',
        'kubernetes.io/role': 'control-plane',
      },
    },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [
        { type: 'Hostname', address: 'n1' },
        { type: 'InternalIP', address: '192.168.0.1' },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.36.0',
        osImage: 'Debian',
        kernelVersion: '6.12',
        containerRuntimeVersion: 'containerd://2.1',
      },
    },
  };
  deepEqual(rowOf(nodes, node), {
    Status: 'Ready,SchedulingDisabled',
    Roles: 'control-plane,worker',
    Version: 'v1.36.0',
    'Internal-IP': '192.168.0.1',
    'External-IP': '<none>',
    'OS-Image': 'Debian',
    'Kernel-Version': '6.12',
    'Container-Runtime': 'containerd://2.1',
  });
});

test('nodes show whether they are ready, as far as anybody knows', () => {
  const state = (conditions: readonly object[]) =>
    rowOf(nodes, { status: { conditions } })['Status'];
  equal(state([]), 'Unknown');
  equal(state([{ type: 'Ready', status: 'False' }]), 'NotReady');
  equal(state([{ type: 'Ready', status: 'Unknown' }]), 'NotReady');
});
