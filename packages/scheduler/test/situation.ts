import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { podNodeName } from '@fairway/kind-rules/pods';
import type { Node, Pod, PodSpec, Taint } from '@fairway/kinds/core/v1';
import type { DeepReadonly, KubernetesObject, ObjectMeta } from '@fairway/protocol';
import { keyOf } from '@fairway/reconcile';
import { defaultProfile } from '../src/cycle/default-profile.ts';
import { type Decider, schedulePod } from '../src/cycle/schedule-pod.ts';
import { planPreemption } from '../src/preemption/plan-preemption.ts';
import type { ClusterObjects, Lookup } from '../src/snapshot/cluster-objects.ts';
import { ClusterSnapshot } from '../src/snapshot/cluster-snapshot.ts';
import { nodeFacts } from '../src/snapshot/node-facts.ts';
import { Nominations } from '../src/snapshot/nominations.ts';
import { podFacts } from '../src/snapshot/pod-facts.ts';

/** What there is, and a pod that is to be scheduled. */
export interface Situation {
  readonly nodes: readonly Node[];
  /** On their nodes, or nominated for one. */
  readonly pods?: readonly Pod[];
  readonly objects?: GivenObjects;
  readonly pod: Pod;
}

export type GivenObjects = {
  readonly [Kind in keyof ClusterObjects]?: ClusterObjects[Kind] extends Lookup<infer T>
    ? readonly T[]
    : never;
};

/**
 * A row: what it shows, the situation, and what comes of it: the name of a node, the message of the pod's
 * event, or `n1 without a, b` when others have to make way.
 */
export type SituationRow = readonly [what: string, situation: Situation, outcome: string];

/** A test for each row. Chance must not matter: each runs with several seeds. */
export function testSituations(rows: readonly SituationRow[]): void {
  for (const [what, situation, outcome] of rows) {
    test(what, () => {
      for (let seed = 1; seed <= 5; seed++) assert.equal(decide(situation, seed), outcome);
    });
  }
}

export function decide(situation: Situation, seed = 1): string {
  const { pod, decider } = deciderOf(situation, seed);
  const decision = schedulePod(pod, decider);
  if (decision.kind === 'node chosen') return decision.node.name;
  const plan = planPreemption(pod, decision, decider);
  if (plan.kind === 'nobody') return decision.diagnosis.message(plan.message);
  const { node, pods } = plan.victims;
  return `${node.name} without ${pods.map(({ name }) => name).join(', ')}`;
}

export function deciderOf(
  { nodes, pods = [], objects = {}, pod }: Situation,
  seed = 1,
): { readonly pod: ReturnType<typeof podFacts>; readonly decider: Decider } {
  const snapshot = new ClusterSnapshot(lookups(objects));
  const nominations = new Nominations();
  for (const node of nodes) snapshot.setNode(nodeFacts(node));
  for (const each of pods) {
    const nodeName = podNodeName(each);
    if (nodeName === undefined) {
      nominations.set(podFacts(each), each.status?.nominatedNodeName);
    } else snapshot.place(podFacts(each), nodeName);
  }
  const facts = podFacts(pod);
  nominations.set(facts, facts.nominatedNode);
  const random = seededRandom(seed);
  return {
    pod: facts,
    decider: {
      profile: defaultProfile,
      snapshot,
      nominations,
      rotation: { start: Math.floor(random.fraction() * nodes.length) },
      random,
    },
  };
}

function lookups(objects: GivenObjects): ClusterObjects {
  const of = <T extends KubernetesObject>(given: readonly T[] = []): Lookup<T> => {
    const objects = given as readonly DeepReadonly<T>[];
    return {
      get: (key) => objects.find((object) => keyOf(object) === key),
      objects: () => objects,
    };
  };
  return {
    namespaces: of(objects.namespaces),
    services: {
      ...of(objects.services),
      by: (_, namespace) =>
        (objects.services ?? []).filter(({ metadata }) => metadata?.namespace === namespace),
    },
    replicationControllers: of(objects.replicationControllers),
    replicaSets: of(objects.replicaSets),
    statefulSets: of(objects.statefulSets),
    budgets: of(objects.budgets),
    claims: of(objects.claims),
    volumes: of(objects.volumes),
    storageClasses: of(objects.storageClasses),
    csiNodes: of(objects.csiNodes),
    csiDrivers: of(objects.csiDrivers),
    storageCapacities: of(objects.storageCapacities),
  };
}

/** A node with 4 cores, 8 GiB and room for 110 pods, unless told otherwise. */
export function node(
  name: string,
  {
    labels = {},
    taints = [],
    isUnschedulable = false,
    images = [],
    ...allocatable
  }: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly taints?: readonly Taint[];
    readonly isUnschedulable?: boolean;
    readonly images?: readonly (readonly [name: string, bytes: number])[];
    readonly cpu?: string;
    readonly memory?: string;
    readonly pods?: string;
    readonly [resource: string]: unknown;
  } = {},
): Node {
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { taints, unschedulable: isUnschedulable },
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } as Record<
        string,
        string
      >,
      images: images.map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
    },
  };
}

/** A taint as kubectl writes it: `gpu=yes:NoSchedule`. */
export function taint(text: string): Taint {
  const [, key = '', value, effect] = /^([^=:]+)=?([^:]*):(.*)$/.exec(text) ?? [];
  return { key, value, effect: effect as Taint['effect'] } as Taint;
}

export type PodWish = Partial<Omit<PodSpec, 'containers'>> & {
  readonly on?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly containers?: PodSpec['containers'];
  readonly metadata?: ObjectMeta;
  readonly status?: Pod['status'];
};

/** A pod with one container. `on`: the node that it is on. */
export function pod(name: string, wish: PodWish = {}): Pod {
  const { on, labels = {}, requests, metadata = {}, status = {}, ...spec } = wish;
  const container = {
    name: 'main',
    image: 'example.com/app:1',
    ...(requests === undefined ? {} : { resources: { requests } }),
  };
  return {
    metadata: { namespace: 'default', name, uid: `uid-of-${name}`, labels, ...metadata },
    spec: { containers: [container], ...spec, ...(on === undefined ? {} : { nodeName: on }) },
    status,
  };
}
