import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultStages, parseStages } from './parse-stages.ts';
import { StageError } from './stage-fields.ts';

const good = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'crash' },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: { matchLabels: { app: 'web' } },
    delay: { durationMilliseconds: 500 },
    next: { containers: { state: 'Exited', exitCode: 3 } },
  },
};
const withSpec = (spec: object): object => ({ ...good, spec: { ...good.spec, ...spec } });

test('parseStages() puts the stages of a file before the defaults, or in their place', () => {
  const own = { ...good, metadata: { name: 'pod-complete' } };
  const names = (documents: readonly unknown[]): readonly string[] =>
    parseStages(documents).map(({ name }) => name);
  const usual = defaultStages().map(({ name }) => name);
  assert.deepEqual(names([]), usual);
  assert.deepEqual(names([null, good]), ['crash', ...usual]);
  assert.deepEqual(names([{ kind: 'List', apiVersion: 'v1', items: [good] }]), ['crash', ...usual]);
  assert.deepEqual(names([[good, own]]), [
    'crash',
    'pod-complete',
    ...usual.filter((name) => name !== 'pod-complete'),
  ]);
});

test('parseStages() takes a stage of kwok that has no template', () => {
  const [stage] = parseStages([
    withSpec({
      selector: {
        matchAnnotations: { 'a/b': 'c' },
        matchExpressions: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }],
      },
      weight: 3,
      weightFrom: { expressionFrom: '.metadata.annotations["w"]' },
      delay: {
        durationMilliseconds: 1000,
        jitterDurationFrom: { expressionFrom: '.metadata.deletionTimestamp' },
      },
      next: { delete: true, event: { type: 'Normal', reason: 'Gone', message: 'bye' } },
    }),
  ]);
  assert.deepEqual(
    stage?.requirements.map(({ path, operator, values }) => [path.text, operator, values]),
    [
      ['.metadata.annotations["a/b"]', 'In', ['c']],
      ['.metadata.deletionTimestamp', 'Exists', []],
    ],
  );
  assert.equal(stage?.weight.value, 3);
  assert.equal(stage?.delay.jitterMs.from?.text, '.metadata.deletionTimestamp');
  assert.equal(stage?.next.isDeleted, true);
});

test('parseStages() says which stage is wrong, where, and what may stand there', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ['text', 'stage 1 is no object: write apiVersion, kind, metadata and spec'],
    [{ ...good, kind: 'Pod' }, 'stage 1 has apiVersion "kwok.x-k8s.io/v1alpha1", kind "Pod"'],
    [{ ...good, metadata: {} }, 'stage 1 has no metadata.name'],
    [{ ...good, extra: 1 }, 'stage 1 has an unknown field "extra": there are apiVersion, kind,'],
    [{ ...good, spec: 3 }, 'stage "crash" has spec 3: write an object'],
    [withSpec({ delays: {} }), 'stage "crash", spec has an unknown field "delays"'],
    [
      withSpec({ resourceRef: { kind: 'Job' } }),
      'stage "crash", spec resourceRef is "Job" of "v1": stages are for "Pod" or "Node" of "v1"',
    ],
    [withSpec({ selector: undefined }), 'stage "crash", spec has no selector'],
    [
      withSpec({ selector: { matchLabels: { app: 1 } } }),
      'stage "crash", spec, selector has matchLabels {"app":1}: write texts, in quotes',
    ],
    [
      withSpec({ selector: { matchExpressions: [{ key: '.a', operator: 'Is' }] } }),
      'selector, matchExpressions[0] has operator "Is": write "In", "NotIn", "Exists", "DoesNotExist"',
    ],
    [
      withSpec({ selector: { matchExpressions: [{ key: '.a', operator: 'In' }] } }),
      'matchExpressions[0] has operator In, which wants values',
    ],
    [
      withSpec({ selector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }),
      'has a path that cannot be used: "a" is no path at "a"',
    ],
    [
      withSpec({ delay: { durationMilliseconds: '1s' } }),
      'delay has durationMilliseconds "1s": write a whole number that is not negative',
    ],
    [withSpec({ next: {} }), 'stage "crash", spec, next is empty: nothing would happen'],
    [
      withSpec({ next: { statusTemplate: 'phase: {{ .x }}' } }),
      'next has a template, which is not run',
    ],
    [
      withSpec({ next: { finalizers: { empty: true } } }),
      'next has finalizers, which a node may not',
    ],
    [
      withSpec({ next: { containers: { state: 'Dead' } } }),
      'containers has state "Dead": write "Created", "Running", "Ready", "NotReady", "Exited"',
    ],
    [withSpec({ next: { containers: { state: 'Exited' } } }), 'containers has no exitCode'],
    [
      withSpec({ next: { containers: { state: 'Exited', exitCode: 256 } } }),
      'containers has exitCode 256: the highest is 255',
    ],
    [withSpec({ next: { node: { state: 'Ready' } } }), 'next has an unknown field "node"'],
    [withSpec({ next: { fail: {} } }), 'next, fail has no reason'],
  ];
  for (const [document, said] of cases) {
    assert.throws(
      () => parseStages([document]),
      (error) => {
        assert.ok(error instanceof StageError);
        assert.ok(error.message.includes(said), `${error.message}\nnot: ${said}`);
        return true;
      },
    );
  }
  assert.throws(() => parseStages([good, good]), /the name "crash" is there twice/);
});
