import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import {
  controllerRevisions,
  daemonSets,
  deployments,
  podTemplates,
  replicaSets,
  replicationControllers,
  statefulSets,
} from './workloads.ts';

const template = {
  metadata: { labels: { b: '2', a: '1' } },
  spec: {
    nodeSelector: { disk: 'ssd' },
    containers: [
      { name: 'web', image: 'nginx:1.27' },
      { name: 'log', image: 'fluent' },
    ],
  },
};
const selector = {
  matchLabels: { app: 'web' },
  matchExpressions: [{ key: 'tier', operator: 'In', values: ['b', 'a'] }],
};
const containers = { Containers: 'web,log', Images: 'nginx:1.27,fluent' };

test('deployments show how far they are', () => {
  const status = { replicas: 4, readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 };
  deepEqual(rowOf(deployments, { spec: { replicas: 3, template, selector }, status }), {
    Ready: '1/3',
    'Up-to-date': 2,
    Available: 1,
    ...containers,
    Selector: 'app=web,tier in (a,b)',
  });
});

test('deployments show a selector that selects nothing, and one that is none', () => {
  equal(rowOf(deployments, {})['Selector'], '');
  const wrong = { matchExpressions: [{ key: 'a', operator: 'Near' }] };
  equal(rowOf(deployments, { spec: { selector: wrong } })['Selector'], '<invalid>');
  equal(rowOf(replicaSets, { spec: { selector: wrong } })['Selector'], '<error>');
  equal(rowOf(replicaSets, {})['Selector'], '<none>');
});

test('replicaSets and replicationControllers count their pods', () => {
  const status = { replicas: 2, readyReplicas: 1 };
  const counts = { Desired: 3, Current: 2, Ready: 1, ...containers };
  deepEqual(rowOf(replicaSets, { spec: { replicas: 3, template, selector }, status }), {
    ...counts,
    Selector: 'app=web,tier in (a,b)',
  });
  const controller = { spec: { replicas: 3, template, selector: { b: '2', a: '1' } }, status };
  deepEqual(rowOf(replicationControllers, controller), { ...counts, Selector: 'a=1,b=2' });
});

test('statefulSets show ready pods of those wanted', () => {
  const set = { spec: { replicas: 3, template }, status: { readyReplicas: 2, replicas: 3 } };
  deepEqual(rowOf(statefulSets, set), { Ready: '2/3', ...containers });
});

test('daemonSets count nodes', () => {
  const status = {
    desiredNumberScheduled: 5,
    currentNumberScheduled: 4,
    numberReady: 3,
    updatedNumberScheduled: 2,
    numberAvailable: 1,
  };
  deepEqual(rowOf(daemonSets, { spec: { template, selector }, status }), {
    Desired: 5,
    Current: 4,
    Ready: 3,
    'Up-to-date': 2,
    Available: 1,
    'Node Selector': 'disk=ssd',
    ...containers,
    Selector: 'app=web,tier in (a,b)',
  });
});

test('podTemplates show what they make', () => {
  deepEqual(rowOf(podTemplates, { template }), { ...containers, 'Pod Labels': 'a=1,b=2' });
});

test('controllerRevisions name their controller with its group', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', controller: true };
  const metadata = { ownerReferences: [{ ...owner, controller: false, name: 'other' }, owner] };
  deepEqual(rowOf(controllerRevisions, { metadata, revision: 7 }), {
    Controller: 'daemonset.apps/agent',
    Revision: 7,
  });
  equal(rowOf(controllerRevisions, {})['Controller'], '<none>');
});
