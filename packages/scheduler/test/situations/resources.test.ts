import { node, pod, testSituations } from '../situation.ts';
import { nobodyToLeave, notHelpful } from './messages.ts';

testSituations([
  ['no nodes at all', { nodes: [], pod: pod('p') }, 'no nodes available to schedule pods'],
  ['a pod that asks for nothing goes anywhere', { nodes: [node('n1')], pod: pod('p') }, 'n1'],
  [
    'a pod fits exactly',
    { nodes: [node('n1')], pod: pod('p', { requests: { cpu: '4', memory: '8Gi' } }) },
    'n1',
  ],
  [
    'a node is too small even when it is empty',
    { nodes: [node('n1'), node('n2')], pod: pod('p', { requests: { cpu: '4001m' } }) },
    `0/2 nodes are available: 2 Insufficient cpu. ${notHelpful(2)}`,
  ],
  [
    'what other pods have requested is taken',
    {
      nodes: [node('n1'), node('n2')],
      pods: [
        pod('a', { on: 'n1', requests: { cpu: '3' } }),
        pod('b', { on: 'n2', requests: { memory: '7Gi' } }),
      ],
      pod: pod('p', { requests: { cpu: '2', memory: '2Gi' } }),
    },
    `0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${nobodyToLeave(2)}`,
  ],
  [
    'the node that has room is found',
    {
      nodes: [node('n1'), node('n2')],
      pods: [pod('a', { on: 'n1', requests: { cpu: '3' } })],
      pod: pod('p', { requests: { cpu: '2' } }),
    },
    'n2',
  ],
  [
    'a node with all the pods that it can hold',
    {
      nodes: [node('n1', { pods: '1' })],
      pods: [pod('a', { on: 'n1' })],
      pod: pod('p'),
    },
    `0/1 nodes are available: 1 Too many pods. ${nobodyToLeave(1)}`,
  ],
  [
    'everything that is missing is told',
    {
      nodes: [node('n1', { pods: '1' })],
      pods: [pod('a', { on: 'n1', requests: { cpu: '4', memory: '8Gi' } })],
      pod: pod('p', { requests: { cpu: '1', memory: '1Gi' } }),
    },
    `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods. ${nobodyToLeave(1)}`,
  ],
  [
    'extended resources',
    {
      nodes: [node('n1'), node('n2', { 'example.com/gpu': '2' })],
      pods: [pod('a', { on: 'n2', requests: { 'example.com/gpu': '1' } })],
      pod: pod('p', { requests: { 'example.com/gpu': '1' } }),
    },
    'n2',
  ],
  [
    'an extended resource that is used up on one node and unknown on the other',
    {
      nodes: [node('n1'), node('n2', { 'example.com/gpu': '2' })],
      pods: [pod('a', { on: 'n2', requests: { 'example.com/gpu': '1' } })],
      pod: pod('p', { requests: { 'example.com/gpu': '2' } }),
    },
    '0/2 nodes are available: 2 Insufficient example.com/gpu. preemption: 0/2 nodes are available: ' +
      '1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  ],
  [
    'an init container counts when it asks for more than all that run later',
    {
      nodes: [node('n1')],
      pod: pod('p', {
        requests: { cpu: '1' },
        initContainers: [{ name: 'i', image: 'i', resources: { requests: { cpu: '5' } } }],
      }),
    },
    `0/1 nodes are available: 1 Insufficient cpu. ${notHelpful(1)}`,
  ],
  [
    'the overhead of a runtime class counts',
    {
      nodes: [node('n1')],
      pod: pod('p', { requests: { cpu: '4' }, overhead: { cpu: '1m' } }),
    },
    `0/1 nodes are available: 1 Insufficient cpu. ${notHelpful(1)}`,
  ],
  [
    'a pod that asks for no CPU fits where all of it is taken',
    {
      nodes: [node('n1')],
      pods: [pod('a', { on: 'n1', requests: { cpu: '4' } })],
      pod: pod('p', { requests: { memory: '1Gi' } }),
    },
    'n1',
  ],
  [
    'ephemeral storage',
    {
      nodes: [node('n1', { 'ephemeral-storage': '10Gi' })],
      pods: [pod('a', { on: 'n1', requests: { 'ephemeral-storage': '6Gi' } })],
      pod: pod('p', { requests: { 'ephemeral-storage': '5Gi' } }),
    },
    `0/1 nodes are available: 1 Insufficient ephemeral-storage. ${nobodyToLeave(1)}`,
  ],
  [
    'a pod that claims devices is told that nobody gives it any',
    { nodes: [node('n1')], pod: pod('p', { resourceClaims: [{ name: 'gpu' }] }) },
    '0/1 nodes are available: this scheduler allocates no devices, and the pod has resource claims. ' +
      notHelpful(1),
  ],
  [
    'a host port is taken on one node',
    {
      nodes: [node('n1'), node('n2')],
      pods: [portPod('a', { on: 'n1' })],
      pod: portPod('p'),
    },
    'n2',
  ],
  [
    'a host port is taken on all nodes',
    { nodes: [node('n1')], pods: [portPod('a', { on: 'n1' })], pod: portPod('p') },
    `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${nobodyToLeave(1)}`,
  ],
  [
    'the same port on two addresses',
    {
      nodes: [node('n1')],
      pods: [portPod('a', { on: 'n1', ip: '127.0.0.1' })],
      pod: portPod('p', { ip: '127.0.0.2' }),
    },
    'n1',
  ],
  [
    'every address includes each of them',
    {
      nodes: [node('n1')],
      pods: [portPod('a', { on: 'n1', ip: '127.0.0.1' })],
      pod: portPod('p'),
    },
    `0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ${nobodyToLeave(1)}`,
  ],
  [
    'the same port of two protocols',
    {
      nodes: [node('n1')],
      pods: [portPod('a', { on: 'n1', protocol: 'UDP' })],
      pod: portPod('p'),
    },
    'n1',
  ],
]);

function portPod(
  name: string,
  { on, ip, protocol = 'TCP' }: { on?: string; ip?: string; protocol?: 'TCP' | 'UDP' } = {},
): ReturnType<typeof pod> {
  const port = { containerPort: 80, hostPort: 8080, protocol };
  return pod(name, {
    ...(on === undefined ? {} : { on }),
    containers: [
      { name: 'c', image: 'i', ports: [{ ...port, ...(ip === undefined ? {} : { hostIP: ip }) }] },
    ],
  });
}
