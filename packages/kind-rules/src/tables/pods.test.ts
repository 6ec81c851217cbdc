import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { pods } from './pods.ts';

const running = { running: {} };
const waiting = (reason?: string) => ({ waiting: { reason } });
const terminated = (end: object) => ({ terminated: end });
const endedAt = (finishedAt: string) => ({ lastState: terminated({ exitCode: 1, finishedAt }) });
const two = { containers: [{ name: 'a' }, { name: 'b' }] };
const holds = (type: string, status = 'True') => ({ type, status });

function pod(status: object, spec: object = two, metadata: object = {}): object {
  return { metadata: { name: 'x', ...metadata }, spec, status };
}

function shortRow(object: object): readonly unknown[] {
  const { Ready, Status, Restarts } = rowOf(pods, object);
  return [Ready, Status, Restarts];
}

const deleted = { deletionTimestamp: '2026-11-22T11:59:59Z' };
const withInit = { ...two, initContainers: [{ name: 'i' }, { name: 'j' }] };
const withSidecar = {
  ...two,
  initContainers: [{ name: 's', restartPolicy: 'Always' }, { name: 'i' }],
};
const bothRunning = ['a', 'b'].map((name) => ({ name, ready: true, state: running }));

for (const [what, object, row] of [
  [
    'is running',
    pod({ phase: 'Running', containerStatuses: bothRunning }),
    ['2/2', 'Running', '0'],
  ],
  ['waits for a node', pod({ phase: 'Pending' }), ['0/2', 'Pending', '0']],
  ['was evicted', pod({ phase: 'Failed', reason: 'Evicted' }), ['0/2', 'Evicted', '0']],
  [
    'may not be scheduled yet',
    pod({
      phase: 'Pending',
      conditions: [{ ...holds('PodScheduled', 'False'), reason: 'SchedulingGated' }],
    }),
    ['0/2', 'SchedulingGated', '0'],
  ],
  [
    'crashes again and again',
    pod({
      phase: 'Running',
      containerStatuses: [
        {
          name: 'a',
          restartCount: 3,
          state: waiting('CrashLoopBackOff'),
          ...endedAt('2026-11-22T11:55:00Z'),
        },
        {
          name: 'b',
          restartCount: 1,
          ready: true,
          state: running,
          ...endedAt('2026-11-22T11:00:00Z'),
        },
      ],
    }),
    ['1/2', 'CrashLoopBackOff', '4 (5m ago)'],
  ],
  [
    'was restarted nobody knows when',
    pod({ phase: 'Running', containerStatuses: [{ name: 'a', restartCount: 2, state: running }] }),
    ['0/2', 'Running', '2'],
  ],
  [
    'has done its work',
    pod({
      phase: 'Succeeded',
      containerStatuses: [{ name: 'a', state: terminated({ exitCode: 0, reason: 'Completed' }) }],
    }),
    ['0/2', 'Completed', '0'],
  ],
  [
    'has a container that is done and one that is not',
    pod({
      phase: 'Running',
      conditions: [holds('Ready')],
      containerStatuses: [
        { name: 'a', state: terminated({ exitCode: 0, reason: 'Completed' }) },
        { name: 'b', ready: true, state: running },
      ],
    }),
    ['1/2', 'Running', '0'],
  ],
  [
    'is not ready although a container runs on',
    pod({
      phase: 'Running',
      containerStatuses: [
        { name: 'a', state: terminated({ exitCode: 0, reason: 'Completed' }) },
        { name: 'b', ready: true, state: running },
      ],
    }),
    ['1/2', 'NotReady', '0'],
  ],
  [
    'was killed by a signal',
    pod({
      phase: 'Failed',
      containerStatuses: [{ name: 'a', state: terminated({ exitCode: 137, signal: 9 }) }],
    }),
    ['0/2', 'Signal:9', '0'],
  ],
  [
    'ended with an exit code only',
    pod({
      phase: 'Failed',
      containerStatuses: [{ name: 'a', state: terminated({ exitCode: 3 }) }],
    }),
    ['0/2', 'ExitCode:3', '0'],
  ],
  [
    'is at its second init container',
    pod(
      {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'i', restartCount: 1, state: terminated({ exitCode: 0 }) },
          { name: 'j', state: running },
        ],
        containerStatuses: [{ name: 'a', state: waiting('PodInitializing') }],
      },
      withInit,
    ),
    ['0/2', 'Init:1/2', '1'],
  ],
  [
    'waits for its first init container',
    pod(
      {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'i', state: waiting('PodInitializing') }],
      },
      withInit,
    ),
    ['0/2', 'Init:0/2', '0'],
  ],
  [
    'cannot pull the image of an init container',
    pod(
      {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'i', state: waiting('ImagePullBackOff') }],
      },
      withInit,
    ),
    ['0/2', 'Init:ImagePullBackOff', '0'],
  ],
  [
    'has an init container that failed',
    pod(
      {
        phase: 'Failed',
        initContainerStatuses: [{ name: 'i', state: terminated({ exitCode: 2 }) }],
      },
      withInit,
    ),
    ['0/2', 'Init:ExitCode:2', '0'],
  ],
  [
    'has a sidecar beside its containers, and counts no other init restarts',
    pod(
      {
        phase: 'Running',
        initContainerStatuses: [
          { name: 's', started: true, ready: true, restartCount: 1, state: running },
          { name: 'i', restartCount: 5, state: terminated({ exitCode: 0 }) },
        ],
        containerStatuses: bothRunning,
      },
      withSidecar,
    ),
    ['3/3', 'Running', '1'],
  ],
  [
    'has a sidecar that has not started',
    pod(
      { phase: 'Pending', initContainerStatuses: [{ name: 's', started: false, state: running }] },
      withSidecar,
    ),
    ['0/3', 'Init:0/2', '0'],
  ],
  [
    'runs an init container again after it was initialized',
    pod(
      {
        phase: 'Running',
        conditions: [holds('Initialized')],
        initContainerStatuses: [{ name: 'i', state: running }],
        containerStatuses: [{ name: 'a', state: waiting('ContainerCreating') }],
      },
      withInit,
    ),
    ['0/2', 'ContainerCreating', '0'],
  ],
  [
    'is being deleted',
    pod({ phase: 'Running', containerStatuses: bothRunning }, two, deleted),
    ['2/2', 'Terminating', '0'],
  ],
  [
    'was done before it was deleted',
    pod({ phase: 'Succeeded' }, two, deleted),
    ['0/2', 'Succeeded', '0'],
  ],
  [
    'is on a lost node',
    pod({ phase: 'Running', reason: 'NodeLost' }, two, deleted),
    ['0/2', 'Unknown', '0'],
  ],
] as const) {
  test(`pods show a pod that ${what}`, () => deepEqual(shortRow(object), row));
}

test('pods show where a pod is and what it waits for', () => {
  const readinessGates = ['lb', 'dns'].map((conditionType) => ({ conditionType }));
  const row = rowOf(
    pods,
    pod(
      {
        podIP: '10.0.0.9',
        podIPs: [{ ip: '10.0.0.9' }, { ip: 'fd00::9' }],
        nominatedNodeName: 'n2',
        conditions: [holds('lb'), holds('dns', 'False')],
      },
      { ...two, nodeName: 'n1', readinessGates },
    ),
  );
  equal(row['IP'], '10.0.0.9');
  equal(row['Node'], 'n1');
  equal(row['Nominated Node'], 'n2');
  equal(row['Readiness Gates'], '1/2');
});
