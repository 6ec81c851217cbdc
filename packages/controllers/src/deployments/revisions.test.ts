import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaSet } from '@fairway/kinds/apps/v1';
import { currentAnnotations, revisionOf } from './revisions.ts';
import { rolloutOf, supersededSets } from './rollout.ts';

const revision = 'deployment.kubernetes.io/revision';
const history = 'deployment.kubernetes.io/revision-history';

test('a replica set takes over the annotations of its Deployment that are not about itself', () => {
  const deployment = {
    metadata: {
      annotations: {
        'kubernetes.io/change-cause': 'image 2',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        [revision]: '7',
      },
    },
  };
  deepEqual(currentAnnotations(deployment, { revision: 3 }), {
    'kubernetes.io/change-cause': 'image 2',
    [revision]: '3',
  });
});

test('a template that comes back gets a new revision and keeps the list of its earlier ones', () => {
  let set: ReplicaSet = { metadata: { annotations: { [revision]: '1' } } };
  for (const next of [3, 5]) {
    set = { metadata: { annotations: currentAnnotations({}, { set, revision: next }) } };
  }
  deepEqual(set.metadata?.annotations, { [revision]: '5', [history]: '1,3' });
  const same = currentAnnotations({}, { set, revision: 4 });
  deepEqual(same, set.metadata?.annotations, 'a revision never goes back');
});

test('the list of earlier revisions has a bound, and the oldest are left out', () => {
  const long = Array.from({ length: 500 }, (_, at) => at + 1_000).join(',');
  const annotations = { [revision]: '9999', [history]: long };
  const kept = currentAnnotations({}, { set: { metadata: { annotations } }, revision: 10_000 });
  const list = kept[history] ?? '';
  equal(list.length <= 2_000, true);
  equal(list.endsWith(',1499,9999'), true);
});

test('what is no number is no revision', () => {
  equal(revisionOf({ metadata: { annotations: { [revision]: 'x' } } }), 0);
  equal(revisionOf({}), 0);
});

test('the history keeps the latest revisions, and whatever still has pods', () => {
  const old = (name: string, number: number, replicas = 0): ReplicaSet => ({
    metadata: { name, generation: 1, annotations: { [revision]: String(number) } },
    spec: { replicas, selector: {}, template: { metadata: { labels: { name } } } },
    status: { replicas, observedGeneration: 1 },
  });
  const spec = {
    revisionHistoryLimit: 1,
    selector: {},
    template: { metadata: { labels: { name: 'now' } } },
  };
  const sets = [old('a', 1, 1), old('b', 2), old('c', 4), old('d', 3)];
  const names = supersededSets(rolloutOf({ spec }, sets)).map(({ metadata }) => metadata?.name);
  deepEqual(names, ['b', 'd']);
});
