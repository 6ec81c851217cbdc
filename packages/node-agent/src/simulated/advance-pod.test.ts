import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import type { Pod } from '@fairway/kinds/core/v1';
import type { Random } from '@fairway/host';
import { parseTime } from '@fairway/protocol';
import { podContainers } from '../pod-lifecycle/pod-containers.ts';
import { type PodAdvance, type PodMemory, advancePod } from './advance-pod.ts';
import { defaultStages, parseStages } from './parse-stages.ts';
import type { Stage } from './stage.ts';

const startMs = Date.UTC(2026, 0, 1);

/** One pod on a node of its own, whose time the test moves. */
class Scene {
  pod: Pod;
  nowMs = startMs;
  readonly events: string[] = [];
  readonly deletions: string[] = [];
  last: PodAdvance<Pod> | undefined;
  readonly #stages: readonly Stage[];
  readonly #random: Random;
  #memory: PodMemory | undefined;

  constructor(pod: Pod, stages = defaultStages(), random = seededRandom(3)) {
    this.#random = random;
    this.#stages = stages.filter(({ kind }) => kind === 'Pod');
    const metadata = {
      name: 'web',
      namespace: 'default',
      uid: 'u',
      generation: 1,
      ...pod.metadata,
    };
    this.pod = { status: { phase: 'Pending' }, ...pod, metadata };
    this.look();
  }

  /** Looks at once; forgets what it knew before, as a new process does. */
  restart(): void {
    this.#memory = undefined;
    this.look();
  }

  look(): void {
    const advance = advancePod(this.pod, this.#memory, {
      stages: this.#stages,
      nowMs: this.nowMs,
      elapsedMs: this.nowMs - startMs,
      fraction: () => this.#random.fraction(),
      watchedSinceMs: this.#memory === undefined ? this.nowMs : startMs,
      addresses: () => ({ hostIp: '172.18.0.2', podIp: '10.244.0.1' }),
    });
    this.last = advance;
    this.#memory = advance.memory;
    this.pod = advance.pod;
    this.events.push(...advance.events.map(({ reason }) => reason));
    if (advance.deletion !== undefined) this.deletions.push(advance.deletion);
  }

  /** Moves time to each moment at which something is due. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let steps = 0; steps < 1_000; steps++) {
      const dueMs = this.last?.dueMs;
      if (dueMs === undefined || startMs + dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, startMs + dueMs);
      this.look();
    }
    this.nowMs = endMs;
  }

  /** The states of its containers: `app:running(ready)`. */
  get states(): string {
    return podContainers(this.pod)
      .map(({ spec, status }) => {
        const { running, terminated, waiting } = status?.state ?? {};
        if (running) return `${spec.name}:running${status?.ready === true ? '(ready)' : ''}`;
        if (terminated) return `${spec.name}:exited(${terminated.exitCode})`;
        return `${spec.name}:${waiting?.reason ?? 'none'}`;
      })
      .join(' ');
  }

  condition(type: string): string | undefined {
    const found = this.pod.status?.conditions?.find((each) => each.type === type);
    return found && [found.status, found.reason, found.message].filter(Boolean).join(' ');
  }

  get restarts(): number | undefined {
    return this.pod.status?.containerStatuses?.[0]?.restartCount;
  }
}

const app = { name: 'app', image: 'nginx' };
const spec = { restartPolicy: 'Always' as const, containers: [app] };
const job = {
  metadata: { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'j' }] },
  spec: { restartPolicy: 'Never' as const, containers: [app] },
};

function crashing(annotations: Record<string, string> = {}): Pod {
  const name = 'pod-container-failed.stage.kwok.x-k8s.io';
  return { metadata: { annotations: { [`${name}/name`]: 'app', ...annotations } }, spec };
}

test('a pod is created, runs and is ready in one step', () => {
  const scene = new Scene({ spec });
  assert.equal(scene.states, 'app:running(ready)');
  const { status } = scene.pod;
  assert.equal(status?.phase, 'Running');
  assert.deepEqual([status?.podIP, status?.hostIP], ['10.244.0.1', '172.18.0.2']);
  assert.equal(status?.observedGeneration, 1);
  const types = ['PodReadyToStartContainers', 'Initialized', 'ContainersReady', 'Ready'];
  assert.deepEqual(
    types.map((type) => scene.condition(type)),
    types.map(() => 'True'),
  );
  assert.deepEqual(scene.events, ['Pulled', 'Created', 'Started']);
  assert.equal(scene.last?.dueMs, undefined);
});

test('annotations with the names of kwok change when things happen', () => {
  const annotations = {
    'pod-create.stage.kwok.x-k8s.io/delay': '2s',
    'pod-ready.stage.kwok.x-k8s.io/delay': '3s',
  };
  const scene = new Scene({ metadata: { annotations }, spec });
  assert.equal(scene.pod.status?.startTime, undefined);
  scene.pass(2_000);
  assert.equal(scene.states, 'app:ContainerCreating');
  assert.equal(scene.pod.status?.phase, 'Pending');
  assert.equal(
    scene.condition('Ready'),
    'False ContainersNotReady containers with unready status: [app]',
  );
  scene.pass(2_999);
  assert.equal(scene.states, 'app:ContainerCreating');
  scene.pass(1);
  assert.equal(scene.states, 'app:running(ready)');
});

test('an annotation that is no duration is said to be none, and does not count', () => {
  const annotations = { 'pod-create.stage.kwok.x-k8s.io/delay': 'soon' };
  const scene = new Scene({ metadata: { annotations }, spec });
  assert.equal(scene.states, 'app:running(ready)');
  assert.deepEqual(scene.events, ['Pulled', 'Created', 'Started', 'UnusableAnnotation']);
  assert.match(
    scene.last?.events.at(-1)?.message ?? '',
    /is "soon", which is no duration: write "10s"/,
  );
});

test('init containers come first, sidecars stay, and both are told in the status', () => {
  const scene = new Scene({
    spec: {
      ...spec,
      initContainers: [
        { name: 'setup', image: 'busybox' },
        { name: 'proxy', image: 'envoy', restartPolicy: 'Always' },
      ],
    },
  });
  assert.equal(scene.states, 'setup:exited(0) proxy:running(ready) app:running(ready)');
  assert.equal(scene.events.length, 9);
});

test('the pod of a job completes after a second, with its sidecars', () => {
  const scene = new Scene({
    ...job,
    spec: { ...job.spec, initContainers: [{ name: 'proxy', image: 'e', restartPolicy: 'Always' }] },
  });
  assert.equal(scene.pod.status?.phase, 'Running');
  scene.pass(1_000);
  assert.equal(scene.states, 'proxy:exited(0) app:exited(0)');
  assert.equal(scene.pod.status?.phase, 'Succeeded');
  assert.equal(scene.condition('Ready'), 'False PodCompleted');
  assert.equal(scene.condition('Initialized'), 'True PodCompleted');
  assert.equal(scene.last?.dueMs, undefined);
});

test('what ends is started again, at once and then after longer and longer pauses', () => {
  const scene = new Scene(crashing());
  scene.pass(2_000);
  assert.equal(scene.states, 'app:running(ready)');
  assert.equal(scene.restarts, 1);
  scene.pass(2_000);
  assert.equal(scene.states, 'app:CrashLoopBackOff');
  assert.equal(scene.pod.status?.phase, 'Running');
  const [container] = scene.pod.status?.containerStatuses ?? [];
  assert.equal(
    container?.state?.waiting?.message,
    'back-off 10s restarting failed container=app pod=web_default(u)',
  );
  assert.equal(container?.lastState?.terminated?.exitCode, 1);
  assert.equal(scene.events.at(-1), 'BackOff');
  scene.pass(9_999);
  assert.equal(scene.restarts, 1);
  scene.pass(1);
  assert.equal(scene.restarts, 2);
  scene.pass(600_000);
  assert.deepEqual([scene.restarts, scene.states], [6, 'app:CrashLoopBackOff']);
});

test('a container has rules of its own for exit codes', () => {
  const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [42] } };
  const container = { ...app, restartPolicy: 'Never', restartPolicyRules: [rule] };
  const code = 'pod-container-failed.stage.kwok.x-k8s.io/exit-code';
  const sceneOf = (exitCode: string): Scene =>
    new Scene({ ...crashing({ [code]: exitCode }), spec: { ...spec, containers: [container] } });
  const again = sceneOf('42');
  again.pass(2_000);
  assert.deepEqual([again.restarts, again.pod.status?.phase], [1, 'Running']);
  const over = sceneOf('41');
  over.pass(2_000);
  assert.equal(over.pod.status?.phase, 'Failed');
});

test('a failure that nobody restarts ends the pod', () => {
  const annotations = {
    'pod-container-failed.stage.kwok.x-k8s.io/exit-code': '137',
    'pod-container-failed.stage.kwok.x-k8s.io/reason': 'OOMKilled',
  };
  const scene = new Scene({ ...crashing(annotations), spec: { ...spec, restartPolicy: 'Never' } });
  scene.pass(2_000);
  assert.equal(scene.pod.status?.phase, 'Failed');
  const { terminated } = scene.pod.status?.containerStatuses?.[0]?.state ?? {};
  assert.deepEqual([terminated?.exitCode, terminated?.reason], [137, 'OOMKilled']);
  assert.equal(scene.condition('Ready'), 'False PodFailed');
});

test('an init container that fails keeps the others from starting', () => {
  const annotations = { 'pod-init-container-failed.stage.kwok.x-k8s.io/name': 'setup' };
  const scene = new Scene({
    metadata: { annotations },
    spec: { ...spec, initContainers: [{ name: 'setup', image: 'busybox' }] },
  });
  assert.equal(scene.states, 'setup:PodInitializing app:PodInitializing');
  scene.pass(2_000);
  assert.equal(scene.states, 'setup:CrashLoopBackOff app:PodInitializing');
  assert.equal(scene.pod.status?.phase, 'Pending');
  assert.match(scene.condition('Initialized') ?? '', /incomplete status: \[setup\]/);
});

test('a readiness gate holds back until its condition is true', () => {
  const scene = new Scene({
    spec: { ...spec, readinessGates: [{ conditionType: 'example.com/in' }] },
  });
  assert.equal(scene.condition('ContainersReady'), 'True');
  assert.equal(
    scene.condition('Ready'),
    'False ReadinessGatesNotReady corresponding condition of pod readiness gate "example.com/in" does not exist.',
  );
  const { conditions = [] } = scene.pod.status ?? {};
  const gate = { type: 'example.com/in', status: 'True' };
  scene.pod = { ...scene.pod, status: { ...scene.pod.status, conditions: [...conditions, gate] } };
  scene.look();
  assert.equal(scene.condition('Ready'), 'True');
});

function deleted(pod: Pod, atMs: number, graceSeconds: number): Pod {
  const deletionTimestamp = new Date(atMs + graceSeconds * 1_000).toISOString().replace('.000', '');
  const metadata = {
    ...pod.metadata,
    deletionTimestamp,
    deletionGracePeriodSeconds: graceSeconds,
  };
  return { ...pod, metadata };
}

test('a pod that is deleted ends within its time, and is given back then', () => {
  const scene = new Scene({ spec });
  scene.pod = deleted(scene.pod, scene.nowMs, 30);
  scene.look();
  assert.equal(scene.states, 'app:running(ready)');
  assert.equal(scene.events.at(-1), 'Killing');
  assert.deepEqual(scene.deletions, []);
  scene.pass(1_000);
  assert.equal(scene.states, 'app:exited(0)');
  assert.equal(scene.pod.status?.phase, 'Succeeded');
  assert.deepEqual(scene.deletions, ['now']);
});

test('a program that ignores its end is killed when its time is over', () => {
  const annotations = { 'pod-delete.stage.kwok.x-k8s.io/delay': '1h' };
  const scene = new Scene({ metadata: { annotations }, spec });
  scene.pod = deleted(scene.pod, scene.nowMs, 30);
  scene.look();
  scene.pass(29_999);
  assert.equal(scene.states, 'app:running(ready)');
  scene.pass(1);
  assert.equal(scene.states, 'app:exited(137)');
  assert.deepEqual(scene.deletions, ['now']);
});

test('a pod of a job that is deleted at work has failed', () => {
  const scene = new Scene(job);
  scene.pod = deleted(scene.pod, scene.nowMs, 30);
  scene.look();
  scene.pass(1_000);
  assert.equal(scene.pod.status?.phase, 'Failed');
});

test('a pod that is active too long ends, as its spec says', () => {
  const scene = new Scene({ spec: { ...spec, activeDeadlineSeconds: 5 } });
  scene.pass(5_000);
  assert.deepEqual(
    [scene.pod.status?.phase, scene.pod.status?.reason],
    ['Failed', 'DeadlineExceeded'],
  );
});

test('a new image restarts its container, and new resources are given at once', () => {
  const scene = new Scene({ spec });
  const resources = { requests: { cpu: '2' } };
  scene.pod = {
    ...scene.pod,
    metadata: { ...scene.pod.metadata, generation: 2 },
    spec: { ...spec, containers: [{ ...app, image: 'nginx:2', resources }] },
  };
  scene.look();
  const [status] = scene.pod.status?.containerStatuses ?? [];
  assert.deepEqual([status?.image, status?.restartCount], ['nginx:2', 1]);
  assert.deepEqual(status?.allocatedResources, { cpu: '2' });
  assert.equal(scene.pod.status?.observedGeneration, 2);
});

test('who begins anew goes on where it was', () => {
  const annotations = { 'pod-complete.stage.kwok.x-k8s.io/delay': '1h' };
  const scene = new Scene({ ...job, metadata: { ...job.metadata, annotations } });
  scene.pass(3_000_000);
  scene.restart();
  scene.pass(599_999);
  assert.equal(scene.pod.status?.phase, 'Running');
  scene.pass(1);
  assert.equal(scene.pod.status?.phase, 'Succeeded');
});

function stage(
  name: string,
  rest: { weight?: number; delay?: object; next: object; selector?: object },
): object {
  const selector = rest.selector ?? {
    matchExpressions: [{ key: '.status.startTime', operator: 'Exists' }],
  };
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { kind: 'Pod' }, selector, ...rest },
  };
}

test('a stage with a weight holds against the defaults', () => {
  const next = { containers: { state: 'NotReady' } };
  const selector = {
    matchExpressions: [{ key: '.status.containerStatuses[].state.running', operator: 'Exists' }],
  };
  const scene = new Scene({ spec }, parseStages([stage('sick', { weight: 1, next, selector })]));
  assert.equal(scene.states, 'app:running');
  assert.match(scene.condition('Ready') ?? '', /^False ContainersNotReady/);
  assert.equal(scene.last?.dueMs, undefined);
});

test('of several stages chance takes one, by their weights', () => {
  const exit = (exitCode: number): object => ({ containers: { state: 'Exited', exitCode } });
  const stages = parseStages([
    stage('pod-complete', { weight: 3, next: exit(0), selector: running }),
    stage('fail', { weight: 1, next: exit(9), selector: running }),
  ]);
  const random = seededRandom(7);
  const phases = Array.from(
    { length: 400 },
    () => new Scene(job, stages, random).pod.status?.phase,
  );
  const failed = phases.filter((phase) => phase === 'Failed').length;
  assert.ok(failed > 60 && failed < 140, `${failed} of 400`);
});

const running = {
  matchExpressions: [{ key: '.status.containerStatuses[].state.running', operator: 'Exists' }],
};

test('a stage may evict a pod, say something once, or lay fields over the status', () => {
  const stages = parseStages([
    stage('say', {
      weight: 1,
      next: { event: { reason: 'Hello', message: 'there' } },
      selector: running,
    }),
  ]);
  const speaking = new Scene({ spec }, stages);
  speaking.look();
  speaking.look();
  assert.equal(speaking.events.filter((reason) => reason === 'Hello').length, 1);
  const evicting = new Scene(
    { spec },
    parseStages([
      stage('evict', {
        weight: 1,
        selector: running,
        delay: { durationMilliseconds: 500, jitterDurationMilliseconds: 900 },
        next: {
          fail: { reason: 'Evicted', message: 'low on disk' },
          status: { nominatedNodeName: 'x' },
        },
      }),
    ]),
  );
  evicting.pass(499);
  assert.equal(evicting.pod.status?.phase, 'Running');
  evicting.pass(401);
  const { phase, reason, nominatedNodeName } = evicting.pod.status ?? {};
  assert.deepEqual([phase, reason, nominatedNodeName], ['Failed', 'Evicted', 'x']);
});

test('stages that go in a circle come round once a second, not for ever', () => {
  const stages = parseStages([
    stage('sick', { next: { containers: { state: 'NotReady' } }, selector: running }),
  ]);
  const scene = new Scene({ spec }, stages);
  assert.ok((scene.last?.dueMs ?? 0) >= 1_000);
});

test('times in a status are moments of the API', () => {
  const scene = new Scene({ spec });
  assert.equal(parseTime(scene.pod.status?.startTime ?? ''), startMs);
});
