import type { TestServer } from '@fairway/apiserver/testing';
import { type KubernetesObject, formatTime } from '@fairway/protocol';
import type { Move } from './story.ts';

/** What nodes and pods do where there is no kubelet: the recorder's hand. */
export class Hand {
  readonly #server: TestServer;
  readonly #nodes = ['rec-b-n1', 'rec-b-n2'];
  #lastBeatMs = Number.NEGATIVE_INFINITY;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** The two nodes of every story. */
  async addNodes(): Promise<void> {
    for (const name of this.#nodes) {
      const labels = {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'rec-b': '1',
      };
      await this.#server.expect(201, 'POST', '/api/v1/nodes', {
        body: { metadata: { name, labels } },
      });
    }
    await this.beat();
  }

  /** Keeps them Ready, when it is time. */
  async beat(): Promise<void> {
    if (this.#server.clock.elapsed() - this.#lastBeatMs < 10_000) return;
    this.#lastBeatMs = this.#server.clock.elapsed();
    for (const name of this.#nodes) {
      const taken = await this.#server.expect(200, 'GET', `/api/v1/nodes/${name}`);
      const known = (taken.json['status']?.conditions ?? []) as readonly NodeCondition[];
      const conditions = nodeConditions.map((each) => {
        const before = known.find(({ type }) => type === each.type);
        const isSame = before?.status === each.status;
        const lastTransitionTime = isSame ? before.lastTransitionTime : this.#now();
        return { ...each, lastHeartbeatTime: this.#now(), lastTransitionTime };
      });
      await this.patch(`/api/v1/nodes/${name}/status`, { status: { ...nodeStatus, conditions } });
    }
  }

  /** Moves pods as a story says that does not show them. */
  async move(namespace: string, { pod, count = 1, node, ip, is }: Move): Promise<void> {
    let meant: readonly string[] = [];
    for (let at = 0; at < 50 && meant.length < count; at++) {
      if (at > 0) await this.#server.clock.advance(100);
      const names = (await this.pods(namespace)).map(({ metadata }) => metadata?.name ?? '');
      meant = names.filter((name) =>
        pod.endsWith('*') ? name.startsWith(pod.slice(0, -1)) : name === pod,
      );
    }
    const end = ip.lastIndexOf('.') + 1;
    for (const [at, name] of meant.entries()) {
      const own = `${ip.slice(0, end)}${Number(ip.slice(end)) + at}`;
      await this.bind(namespace, name, node);
      await this.setStatus(namespace, name, statusOf(is, own));
    }
  }

  async bind(namespace: string, name: string, node: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const { json } = await this.#server.expect(200, 'GET', path);
    if (json['spec'].nodeName !== undefined) return;
    const body = { metadata: { name }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
    await this.#server.expect(201, 'POST', `${path}/binding`, { body });
  }

  /** Replaces the status of a pod; masks of times become now. */
  async setStatus(namespace: string, name: string, status: object): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const { json } = await this.#server.expect(200, 'GET', path);
    const text = JSON.stringify(status).replaceAll('<time>', this.#now());
    const nulls = Object.fromEntries(Object.keys(json['status']).map((key) => [key, null]));
    await this.patch(`${path}/status`, { status: { ...nulls, ...JSON.parse(text) } });
  }

  /** What a kubelet does at last with a pod that is to go. */
  async remove(namespace: string, name: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    await this.#server.request('DELETE', path, { body: { gracePeriodSeconds: 0 } });
  }

  async pods(namespace: string): Promise<readonly KubernetesObject[]> {
    const { json } = await this.#server.expect(200, 'GET', `/api/v1/namespaces/${namespace}/pods`);
    return json.items;
  }

  async patch(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/merge-patch+json' };
    await this.#server.expect(200, 'PATCH', path, { headers, body });
  }

  #now(): string {
    return formatTime(this.#server.clock.now());
  }
}

interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];
const nodeConditions = [
  ...pressures.map((type) => ({ type, status: 'False', reason: 'KubeletHas', message: 'm' })),
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'm' },
];
const amounts = { cpu: '4', memory: '8Gi', pods: '110' };
const nodeStatus = { capacity: amounts, allocatable: amounts };

function statusOf(is: Move['is'], ip: string): object {
  const isOver = is === 'Succeeded' || is === 'Failed';
  const ready = is === 'Ready';
  const times = { startedAt: '<time>' };
  const ended = { exitCode: is === 'Failed' ? 1 : 0, ...times, finishedAt: '<time>' };
  const truths: readonly (readonly [string, boolean])[] = [
    ['PodReadyToStartContainers', !isOver],
    ['Initialized', true],
    ['Ready', ready],
    ['ContainersReady', ready],
    ['PodScheduled', true],
  ];
  return {
    phase: isOver ? is : 'Running',
    conditions: truths.map(([type, isTrue]) => ({
      type,
      status: isTrue ? 'True' : 'False',
      lastProbeTime: null,
      lastTransitionTime: '<time>',
    })),
    hostIP: '10.9.0.1',
    podIP: ip,
    podIPs: [{ ip }],
    startTime: '<time>',
    containerStatuses: [
      {
        name: 'main',
        state: isOver ? { terminated: ended } : { running: times },
        lastState: {},
        ready,
        restartCount: 0,
        image: 'reg.example/app:1',
        imageID: 'x',
        started: !isOver,
      },
    ],
    qosClass: 'BestEffort',
  };
}
