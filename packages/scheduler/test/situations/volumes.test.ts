import type { PersistentVolume, PersistentVolumeClaim } from '@fairway/kinds/core/v1';
import type { CSINode, StorageClass } from '@fairway/kinds/storage/v1';
import { type PodWish, node, pod, testSituations } from '../situation.ts';
import { nobodyToLeave, notHelpful } from './messages.ts';

const zone = 'topology.kubernetes.io/zone';
const zoned = ['a', 'b'].map((each) => node(`${each}1`, { labels: { [zone]: each } }));
const late: StorageClass = {
  metadata: { name: 'late' },
  provisioner: 'example.com/disk',
  volumeBindingMode: 'WaitForFirstConsumer',
};
const local: StorageClass = {
  ...late,
  metadata: { name: 'local' },
  provisioner: 'kubernetes.io/no-provisioner',
};

testSituations([
  [
    'a claim that does not exist',
    { nodes: zoned, pod: mounting('data') },
    `0/2 nodes are available: persistentvolumeclaim "data" not found. ${notHelpful(2)}`,
  ],
  [
    'a claim that nobody has bound yet',
    { nodes: zoned, objects: { claims: [claim('data')] }, pod: mounting('data') },
    `0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${notHelpful(2)}`,
  ],
  [
    'a claim that is being deleted',
    {
      nodes: zoned,
      objects: {
        claims: [claim('data', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
      },
      pod: mounting('data'),
    },
    `0/2 nodes are available: persistentvolumeclaim "data" is being deleted. ${notHelpful(2)}`,
  ],
  [
    'a claim that has lost its volume',
    {
      nodes: zoned,
      objects: { claims: [claim('data', { volume: 'v', phase: 'Lost' })] },
      pod: mounting('data'),
    },
    '0/2 nodes are available: persistentvolumeclaim "data" bound to non-existent persistentvolume "v". ' +
      notHelpful(2),
  ],
  [
    'the claim of an ephemeral volume that is still to be made',
    {
      nodes: zoned,
      pod: pod('p', { volumes: [{ name: 'scratch', ephemeral: {} }] }),
    },
    '0/2 nodes are available: waiting for ephemeral volume controller to create the ' +
      `persistentvolumeclaim "p-scratch". ${notHelpful(2)}`,
  ],
  [
    'a volume that is reached from one node',
    {
      nodes: zoned,
      objects: { claims: [claim('data', { volume: 'v' })], volumes: [volume('v', { in: 'b' })] },
      pod: mounting('data'),
    },
    'b1',
  ],
  [
    'a volume that is reached from none',
    {
      nodes: zoned,
      objects: { claims: [claim('data', { volume: 'v' })], volumes: [volume('v', { in: 'c' })] },
      pod: mounting('data'),
    },
    "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity. " +
      notHelpful(2),
  ],
  [
    'a volume that is gone',
    {
      nodes: zoned,
      objects: { claims: [claim('data', { volume: 'v' })] },
      pod: mounting('data'),
    },
    '0/2 nodes are available: 2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s). ' +
      notHelpful(2),
  ],
  [
    'two volumes that are reached from different nodes',
    {
      nodes: zoned,
      objects: {
        claims: [claim('one', { volume: 'v' }), claim('two', { volume: 'w' })],
        volumes: [volume('v', { in: 'a' }), volume('w', { in: 'b' })],
      },
      pod: mounting('one', 'two'),
    },
    "0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity. " +
      notHelpful(2),
  ],
  [
    'a zone that only labels of the volume tell',
    {
      nodes: zoned,
      objects: {
        claims: [claim('data', { volume: 'v' })],
        volumes: [volume('v', { labels: { [zone]: 'b' } })],
      },
      pod: mounting('data'),
    },
    'b1',
  ],
  [
    'a zone that is not here',
    {
      nodes: zoned,
      objects: {
        claims: [claim('data', { volume: 'v' })],
        volumes: [volume('v', { labels: { [zone]: 'c__d' } })],
      },
      pod: mounting('data'),
    },
    `0/2 nodes are available: 2 node(s) had no available volume zone. ${notHelpful(2)}`,
  ],
  [
    'a claim that waits for its pod goes where a volume is',
    {
      nodes: zoned,
      objects: {
        storageClasses: [local],
        claims: [claim('data', { class: 'local' })],
        volumes: [volume('v', { class: 'local', in: 'b' })],
      },
      pod: mounting('data'),
    },
    'b1',
  ],
  [
    'volumes that are too small, taken, or of another class',
    {
      nodes: zoned,
      objects: {
        storageClasses: [local],
        claims: [claim('data', { class: 'local' })],
        volumes: [
          volume('small', { class: 'local', size: '1Mi' }),
          volume('taken', { class: 'local', claimRef: { namespace: 'default', name: 'other' } }),
          volume('other', { class: 'late' }),
        ],
      },
      pod: mounting('data'),
    },
    "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. " +
      notHelpful(2),
  ],
  [
    'a volume that is kept for the claim',
    {
      nodes: zoned,
      objects: {
        storageClasses: [local],
        claims: [claim('data', { class: 'local' })],
        volumes: [
          volume('free', { class: 'local', in: 'a' }),
          volume('kept', {
            class: 'local',
            in: 'b',
            claimRef: { namespace: 'default', name: 'data' },
          }),
        ],
      },
      pod: mounting('data'),
    },
    'b1',
  ],
  [
    'two claims need two volumes on one node',
    {
      nodes: zoned,
      objects: {
        storageClasses: [local],
        claims: [claim('one', { class: 'local' }), claim('two', { class: 'local' })],
        volumes: [
          volume('a', { class: 'local', in: 'a' }),
          volume('b1', { class: 'local', in: 'b' }),
          volume('b2', { class: 'local', in: 'b' }),
        ],
      },
      pod: mounting('one', 'two'),
    },
    'b1',
  ],
  [
    'a volume can be made anywhere',
    {
      nodes: zoned.slice(0, 1),
      objects: { storageClasses: [late], claims: [claim('data', { class: 'late' })] },
      pod: mounting('data'),
    },
    'a1',
  ],
  [
    'a volume can be made in one zone',
    {
      nodes: zoned,
      objects: {
        storageClasses: [
          {
            ...late,
            allowedTopologies: [{ matchLabelExpressions: [{ key: zone, values: ['b'] }] }],
          },
        ],
        claims: [claim('data', { class: 'late' })],
      },
      pod: mounting('data'),
    },
    'b1',
  ],
  [
    'a volume is being made for another node already',
    {
      nodes: zoned,
      objects: {
        storageClasses: [late],
        claims: [
          claim('data', {
            class: 'late',
            metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'b1' } },
          }),
        ],
      },
      pod: mounting('data'),
    },
    'b1',
  ],
  [
    'the storage has no room',
    {
      nodes: zoned,
      objects: {
        storageClasses: [late],
        csiDrivers: [{ metadata: { name: 'example.com/disk' }, spec: { storageCapacity: true } }],
        storageCapacities: [
          {
            metadata: { namespace: 'x', name: 'a' },
            storageClassName: 'late',
            nodeTopology: { matchLabels: { [zone]: 'a' } },
            capacity: '1Mi',
          },
        ],
        claims: [claim('data', { class: 'late' })],
      },
      pod: mounting('data'),
    },
    `0/2 nodes are available: 2 node(s) did not have enough free storage. ${notHelpful(2)}`,
  ],
  [
    'a claim for one pod that another one has',
    {
      nodes: zoned,
      objects: {
        claims: [claim('data', { volume: 'v', modes: ['ReadWriteOncePod'] })],
        volumes: [volume('v')],
      },
      pods: [mounting('data', { on: 'a1', name: 'q' })],
      pod: mounting('data'),
    },
    '0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ' +
      'ReadWriteOncePod access mode. ' +
      nobodyToLeave(2),
  ],
  [
    'a claim for one pod that a less important one has',
    {
      nodes: zoned,
      objects: {
        claims: [claim('data', { volume: 'v', modes: ['ReadWriteOncePod'] })],
        volumes: [volume('v')],
      },
      pods: [mounting('data', { on: 'a1', name: 'q' })],
      pod: mounting('data', { priority: 1 }),
    },
    'a1 without q',
  ],
  [
    'a node that has all the volumes that it can attach',
    {
      nodes: zoned,
      objects: {
        claims: ['one', 'two'].map((name) => claim(name, { volume: name })),
        volumes: ['one', 'two'].map((name) => volume(name, { driver: 'disk' })),
        csiNodes: ['a1', 'b1'].map((name): CSINode => ({
          metadata: { name },
          spec: { drivers: [{ name: 'disk', nodeID: name, allocatable: { count: 1 } }] },
        })),
      },
      pods: [mounting('one', { on: 'a1', name: 'q' })],
      pod: mounting('two'),
    },
    'b1',
  ],
  [
    'nodes that have all the volumes that they can attach',
    {
      nodes: zoned.slice(0, 1),
      objects: {
        claims: ['one', 'two'].map((name) => claim(name, { volume: name })),
        volumes: ['one', 'two'].map((name) => volume(name, { driver: 'disk' })),
        csiNodes: [
          {
            metadata: { name: 'a1' },
            spec: { drivers: [{ name: 'disk', nodeID: 'a1', allocatable: { count: 1 } }] },
          },
        ],
      },
      pods: [mounting('one', { on: 'a1', name: 'q' })],
      pod: mounting('two'),
    },
    `0/1 nodes are available: 1 node(s) exceed max volume count. ${nobodyToLeave(1)}`,
  ],
  [
    'a volume that is attached already is not attached once more',
    {
      nodes: zoned.slice(0, 1),
      objects: {
        claims: [claim('one', { volume: 'one' })],
        volumes: [volume('one', { driver: 'disk' })],
        csiNodes: [
          {
            metadata: { name: 'a1' },
            spec: { drivers: [{ name: 'disk', nodeID: 'a1', allocatable: { count: 1 } }] },
          },
        ],
      },
      pods: [mounting('one', { on: 'a1', name: 'q' })],
      pod: mounting('one'),
    },
    'a1',
  ],
]);

function mounting(
  ...given: readonly (string | (PodWish & { readonly name?: string }))[]
): ReturnType<typeof pod> {
  const claims = given.filter((each) => typeof each === 'string');
  const { name = 'p', ...wish } = Object.assign(
    {},
    ...given.filter((each) => typeof each === 'object'),
  ) as PodWish & {
    readonly name?: string;
  };
  return pod(name, {
    volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
    ...wish,
  });
}

function claim(
  name: string,
  wish: {
    readonly class?: string;
    readonly volume?: string;
    readonly phase?: 'Lost';
    readonly modes?: readonly ('ReadWriteOnce' | 'ReadWriteOncePod')[];
    readonly metadata?: PersistentVolumeClaim['metadata'];
  } = {},
): PersistentVolumeClaim {
  const { volume: volumeName, modes = ['ReadWriteOnce'], metadata = {} } = wish;
  return {
    metadata: {
      namespace: 'default',
      name,
      ...metadata,
      annotations: {
        ...metadata.annotations,
        ...(volumeName === undefined ? {} : { 'pv.kubernetes.io/bind-completed': 'yes' }),
      },
    },
    spec: {
      accessModes: modes,
      resources: { requests: { storage: '1Gi' } },
      ...(wish.class === undefined ? {} : { storageClassName: wish.class }),
      ...(volumeName === undefined ? {} : { volumeName }),
    },
    status: { phase: wish.phase ?? (volumeName === undefined ? 'Pending' : 'Bound') },
  };
}

function volume(
  name: string,
  wish: {
    readonly in?: string;
    readonly class?: string;
    readonly size?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly driver?: string;
    readonly claimRef?: { readonly namespace: string; readonly name: string };
  } = {},
): PersistentVolume {
  const { size = '1Gi', labels = {}, driver, claimRef } = wish;
  return {
    metadata: { name, labels },
    spec: {
      accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'],
      capacity: { storage: size },
      ...(wish.class === undefined ? {} : { storageClassName: wish.class }),
      ...(claimRef === undefined ? {} : { claimRef }),
      ...(driver === undefined ? {} : { csi: { driver, volumeHandle: name } }),
      ...(wish.in === undefined
        ? {}
        : {
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: zone, operator: 'In', values: [wish.in] }] },
                ],
              },
            },
          }),
    },
    status: { phase: 'Available' },
  };
}
