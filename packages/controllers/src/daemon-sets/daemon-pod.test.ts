import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '@fairway/kinds/core/v1';
import {
  type AnySet,
  daemonTolerations,
  isOfTemplate,
  newDaemonPod,
  nodeNameOf,
} from './daemon-pod.ts';
import { fitnessFor } from './node-fitness.ts';

function setOf(spec: PodSpec, annotations = {}): AnySet {
  return {
    metadata: { name: 'agent', namespace: 'kube-system', uid: 'u', annotations },
    spec: { selector: {}, template: { metadata: { labels: { app: 'agent' } }, spec } },
  };
}

const containers = [{ name: 'main', image: 'agent:1' }];
const ofNode = (name: string) => ({
  nodeSelectorTerms: [
    { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [name] }] },
  ],
});

test('a pod is meant for its node, and keeps what the template prefers', () => {
  const preferred = [{ weight: 1, preference: { matchExpressions: [] } }];
  const affinity = {
    podAffinity: {},
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
      requiredDuringSchedulingIgnoredDuringExecution: ofNode('elsewhere'),
    },
  };
  const pod = newDaemonPod(setOf({ containers, affinity }), 'node-1', 'abc');
  deepEqual(pod.spec?.affinity, {
    podAffinity: {},
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
      requiredDuringSchedulingIgnoredDuringExecution: ofNode('node-1'),
    },
  });
  equal(nodeNameOf(pod), 'node-1');
  equal(nodeNameOf({ spec: { containers, nodeName: 'node-2' } }), 'node-2');
  equal(nodeNameOf({ spec: { containers } }), undefined);
});

test('a pod is of its template by hash or by count', () => {
  const generation = { 'deprecated.daemonset.template.generation': '3' };
  const set = setOf({ containers }, generation);
  const pod = newDaemonPod(set, 'node-1', 'abc');
  deepEqual(pod.metadata?.labels, {
    app: 'agent',
    'pod-template-generation': '3',
    'controller-revision-hash': 'abc',
  });
  equal(isOfTemplate(set, pod, 'abc'), true);
  equal(isOfTemplate(set, pod, 'other'), true);
  equal(isOfTemplate(setOf({ containers }), pod, 'abc'), true);
  equal(isOfTemplate(setOf({ containers }), pod, 'other'), false);
});

test('tolerations of the template stay, and hold for ever where a daemon must', () => {
  const own = { key: 'dedicated', operator: 'Exists' as const };
  const short = {
    key: 'node.kubernetes.io/not-ready',
    operator: 'Exists' as const,
    effect: 'NoExecute' as const,
    tolerationSeconds: 5,
  };
  const { tolerationSeconds: _, ...long } = short;
  const tolerations = daemonTolerations({ containers, tolerations: [own, short] });
  deepEqual(tolerations.slice(0, 2), [own, long]);
  equal(tolerations.length, 7);
  const onHost = daemonTolerations({ containers, hostNetwork: true });
  equal(onHost.at(-1)?.key, 'node.kubernetes.io/network-unavailable');
  equal(onHost.length, 7);
});

test('nodes fit by name, labels and taints', () => {
  const node = (
    name: string,
    taints: readonly { key: string; effect: 'NoSchedule' | 'NoExecute' }[] = [],
  ) => ({
    metadata: { name, labels: { disk: 'ssd' } },
    spec: { taints },
  });
  const fits = (spec: PodSpec, ...args: Parameters<typeof node>): string => {
    const { shouldRun, mayStay } = fitnessFor(setOf(spec))(node(...args));
    return `${shouldRun ? 'runs' : 'not'} ${mayStay ? 'stays' : 'goes'}`;
  };
  equal(fits({ containers }, 'a'), 'runs stays');
  equal(fits({ containers, nodeName: 'b' }, 'a'), 'not goes');
  equal(fits({ containers, nodeSelector: { disk: 'ssd' } }, 'a'), 'runs stays');
  equal(fits({ containers, nodeSelector: { disk: 'hdd' } }, 'a'), 'not goes');
  equal(fits({ containers }, 'a', [{ key: 'x', effect: 'NoSchedule' }]), 'not stays');
  equal(fits({ containers }, 'a', [{ key: 'x', effect: 'NoExecute' }]), 'not goes');
  const cordoned = [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' as const }];
  equal(fits({ containers }, 'a', cordoned), 'runs stays');
});
