import { seededRandom } from '@fairway/host/testing';
import type { Node, Pod } from '@fairway/kinds/core/v1';
import { defaultProfile } from '../../packages/scheduler/src/cycle/default-profile.ts';
import { type Decider, schedulePod } from '../../packages/scheduler/src/cycle/schedule-pod.ts';
import type {
  ClusterObjects,
  Lookup,
} from '../../packages/scheduler/src/snapshot/cluster-objects.ts';
import { ClusterSnapshot } from '../../packages/scheduler/src/snapshot/cluster-snapshot.ts';
import { nodeFacts } from '../../packages/scheduler/src/snapshot/node-facts.ts';
import { Nominations } from '../../packages/scheduler/src/snapshot/nominations.ts';
import { podFacts } from '../../packages/scheduler/src/snapshot/pod-facts.ts';

const zone = 'topology.kubernetes.io/zone';
const workloadCount = 20;
const placedCount = 5_000;
const measuredCount = 4_000;

/** What pods ask for, and what a second of the processor decides of them; 5,000 others are placed before. */
const sorts: readonly (readonly [name: string, spec: (app: string) => object])[] = [
  ['plain pods of replica sets', () => ({})],
  ['zones to be spread over', (app) => ({ topologySpreadConstraints: [spread(app)] })],
  ['one of a kind a node', (app) => ({ affinity: alone(app) })],
  ['a zone that is preferred', () => ({ affinity: preferred })],
];

export function decisionsPerSecond(nodeCount: number): readonly string[] {
  return sorts.map(([name, spec]) => {
    const decider = deciderOver(nodeCount);
    for (let at = 0; at < placedCount; at++) place(decider, at, () => ({}));
    const startUs = cpuUs();
    for (let at = 0; at < measuredCount; at++) place(decider, placedCount + at, spec);
    const us = (cpuUs() - startUs) / measuredCount;
    return `${String(Math.round(1_000_000 / us)).padStart(7)}/s  ${us.toFixed(0).padStart(5)} µs  ${name}`;
  });
}

function place(decider: Decider, at: number, spec: (app: string) => object): void {
  const app = `app-${at % workloadCount}`;
  const pod = podFacts(podOf(`pod-${at}`, app, spec(app)));
  const decision = schedulePod(pod, decider);
  if (decision.kind === 'no node') throw new Error(decision.diagnosis.message());
  decider.snapshot.place(pod, decision.node.name);
}

function deciderOver(nodeCount: number): Decider {
  const snapshot = new ClusterSnapshot(objects());
  for (let at = 0; at < nodeCount; at++) snapshot.setNode(nodeFacts(nodeOf(at)));
  return {
    profile: defaultProfile,
    snapshot,
    nominations: new Nominations(),
    rotation: { start: 0 },
    random: seededRandom(1),
  };
}

export function nodeOf(at: number): Node {
  const name = `node-${at}`;
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, [zone]: `zone-${at % 3}` } },
    status: { allocatable: { cpu: '32', memory: '256Gi', pods: '110' } },
  };
}

export function podOf(name: string, app: string, spec: object): Pod {
  const controller = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: app,
    uid: app,
    controller: true,
  };
  return {
    metadata: {
      namespace: 'default',
      name,
      uid: name,
      labels: { app },
      ownerReferences: [controller],
    },
    spec: {
      containers: [
        { name: 'c', image: 'app:1', resources: { requests: { cpu: '100m', memory: '128Mi' } } },
      ],
      ...spec,
    },
  };
}

function spread(app: string): object {
  return {
    topologyKey: zone,
    maxSkew: 5,
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { app } },
  };
}

function alone(app: string): object {
  const term = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { app: `${app}-alone` } },
  };
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
}

const preferred = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 10,
        preference: { matchExpressions: [{ key: zone, operator: 'In', values: ['zone-1'] }] },
      },
    ],
  },
};

function objects(): ClusterObjects {
  const nothing = { get: () => undefined, objects: () => [], by: () => [] };
  const replicaSets: Lookup<never> = {
    ...nothing,
    get: (key) => ({ spec: { selector: { matchLabels: { app: key.split('/')[1] } } } }) as never,
  };
  return {
    namespaces: nothing,
    services: nothing,
    replicationControllers: nothing,
    replicaSets,
    statefulSets: nothing,
    budgets: nothing,
    claims: nothing,
    volumes: nothing,
    storageClasses: nothing,
    csiNodes: nothing,
    csiDrivers: nothing,
    storageCapacities: nothing,
  };
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
