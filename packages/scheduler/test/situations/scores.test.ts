import { type PodWish, node, pod, testSituations } from '../situation.ts';

const asking = (cpu: string, memory: string, wish: PodWish = {}): ReturnType<typeof pod> =>
  pod('p', { requests: { cpu, memory }, ...wish });

testSituations([
  [
    'the emptier node',
    {
      nodes: [node('n1'), node('n2')],
      pods: [pod('a', { on: 'n1', requests: { cpu: '1', memory: '2Gi' } })],
      pod: asking('1', '2Gi'),
    },
    'n2',
  ],
  [
    'the larger node, where a pod takes a smaller part',
    { nodes: [node('n1'), node('n2', { cpu: '16', memory: '32Gi' })], pod: asking('1', '2Gi') },
    'n2',
  ],
  [
    'pods that ask for nothing count as small ones',
    {
      nodes: [node('n1'), node('n2')],
      pods: [1, 2, 3].map((at) => pod(`a${at}`, { on: 'n1' })),
      pod: pod('p'),
    },
    'n2',
  ],
  [
    'the node whose CPU and memory run out together',
    {
      nodes: [node('n1', { cpu: '10', memory: '10Gi' }), node('n2', { cpu: '10', memory: '10Gi' })],
      pods: [
        pod('a', { on: 'n1', requests: { cpu: '6', memory: '1Gi' } }),
        pod('b', { on: 'n2', requests: { cpu: '1', memory: '6Gi' } }),
      ],
      // Either node is taken by half in the end.
      pod: asking('3', '0'),
    },
    'n2',
  ],
  [
    'the node that has a large image',
    {
      nodes: [node('n1'), node('n2', { images: [['example.com/app:1', 900 * 1024 * 1024]] })],
      pod: pod('p'),
    },
    'n2',
  ],
  [
    'an image without a tag is the latest',
    {
      nodes: [
        node('n1', { images: [['app:latest', 900 * 1024 * 1024]] }),
        node('n2', { images: [['app:old', 900 * 1024 * 1024]] }),
      ],
      pod: pod('p', { containers: [{ name: 'c', image: 'app' }] }),
    },
    'n1',
  ],
]);
