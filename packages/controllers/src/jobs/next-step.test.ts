import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobSpec, JobStatus } from '@fairway/kinds/batch/v1';
import type { Pod, PodStatus } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { noBackoff } from './failure-backoff.ts';
import { jobFacts } from './job-facts.ts';
import { failureCountKey, indexKey, trackingFinalizer } from './job-names.ts';
import { type NextStep, nextStep } from './next-step.ts';

const nowMs = 1_000_000;
const template = { spec: { containers: [{ name: 'main', image: 'app:1' }] } };

function job(spec: Partial<JobSpec>, status: JobStatus = {}): Job {
  const metadata = { name: 'j', namespace: 'shop', uid: 'job' };
  return { metadata, spec: { parallelism: 1, backoffLimit: 6, template, ...spec }, status };
}

let podCount = 0;

function pod(
  phase: PodStatus['phase'],
  of: { readonly index?: number; readonly failures?: number; readonly isDeleted?: boolean } = {},
): Pod {
  const { index, failures, isDeleted = false } = of;
  return {
    metadata: {
      name: `p${++podCount}`,
      namespace: 'shop',
      uid: `uid-${podCount}`,
      creationTimestamp: formatTime(nowMs - 3_600_000),
      finalizers: [trackingFinalizer],
      annotations: {
        ...(index === undefined ? {} : { [indexKey]: String(index) }),
        ...(failures === undefined ? {} : { [failureCountKey]: String(failures) }),
      },
      ...(isDeleted ? { deletionTimestamp: formatTime(nowMs - 3_600_000) } : {}),
    },
    ...(phase === undefined ? {} : { status: { phase } }),
  };
}

function decide(of: Job, pods: readonly Pod[], backoff = noBackoff): NextStep {
  return nextStep(jobFacts(of, pods, nowMs), backoff);
}

/** A step in short: `create 0 2`, `remove p4`, `end BackoffLimitExceeded p3`. */
function told(step: NextStep): string {
  switch (step.kind) {
    case 'end':
      return ['end', step.ending.reason, ...step.pods.map(({ metadata }) => metadata?.name)].join(
        ' ',
      );
    case 'remove':
      return ['remove', ...step.pods.map(({ metadata }) => metadata?.name)].join(' ');
    case 'create':
      return [
        'create',
        ...step.pods.map(({ metadata }) => metadata?.annotations?.[indexKey] ?? '+'),
      ].join(' ');
    case 'wait':
      return `wait ${step.againInMs}`;
    case 'rest':
      return 'rest';
  }
}

test('a job has as many active pods as it needs, and never more than its parallelism', () => {
  const three = { completions: 3, parallelism: 2 };
  const running = [pod('Running'), pod('Running')];
  const cases: readonly (readonly [Job, readonly Pod[], string])[] = [
    [job(three), [], 'create + +'],
    [job(three), running, 'rest'],
    [job(three, { succeeded: 2 }), [], 'create +'],
    [job(three, { succeeded: 2 }), running.slice(0, 1), 'rest'],
    [job({ completions: 3, parallelism: 0 }), [], 'rest'],
    [job({ parallelism: 2 }), [pod('Succeeded'), ...running.slice(0, 1)], 'rest'],
    [job({ parallelism: 2 }), [pod('Succeeded')], 'end CompletionsReached'],
    [job({ ...three, completions: 0 }), [], 'end CompletionsReached'],
    [job({ ...three, suspend: true }), [], 'rest'],
  ];
  for (const [of, pods, step] of cases) assert.equal(told(decide(of, pods)), step);
  const [first] = running;
  const young: Pod = {
    ...first,
    metadata: {
      ...first?.metadata,
      name: 'young',
      uid: 'young',
      creationTimestamp: formatTime(nowMs),
    },
  };
  assert.equal(
    told(decide(job(three, { succeeded: 2 }), [...running, young])).split(' ').length,
    3,
  );
  assert.match(told(decide(job({ ...three, suspend: true }), running)), /^remove p\d+ p\d+$/);
  assert.equal(told(decide(job({ completions: 3, parallelism: 2_000 }), [])), 'create + + +');
  const many = decide(job({ completions: 2_000, parallelism: 2_000 }), []);
  assert.ok(many.kind === 'create' && many.pods.length === 500, 'not all at once');
});

test('a pod that is going is replaced at once, or only when it has failed', () => {
  const going = pod('Running', { isDeleted: true });
  assert.equal(told(decide(job({ completions: 1 }), [going])), 'create +');
  const patient = job({ completions: 1, podReplacementPolicy: 'Failed' });
  assert.equal(told(decide(patient, [going])), 'rest');
  const indexed = job({
    completions: 2,
    parallelism: 2,
    completionMode: 'Indexed',
    podReplacementPolicy: 'Failed',
  });
  assert.equal(told(decide(indexed, [pod('Running', { index: 0, isDeleted: true })])), 'create 1');
});

test('a job ends by its limits', () => {
  const started = formatTime(nowMs - 60_000);
  const failed = [pod('Failed'), pod('Failed')];
  const running = pod('Running');
  const restarted: Pod = {
    ...pod('Running'),
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'main', image: '', imageID: '', ready: true, restartCount: 6 }],
    },
  };
  const restarting = {
    ...template,
    spec: { ...template.spec, restartPolicy: 'OnFailure' as const },
  };
  const { name } = running.metadata ?? {};
  const cases: readonly (readonly [Job, readonly Pod[], string])[] = [
    [
      job({ completions: 3, backoffLimit: 1 }),
      [...failed, running],
      `end BackoffLimitExceeded ${name}`,
    ],
    [job({ completions: 3, backoffLimit: 2 }), failed, 'create +'],
    [job({ completions: 3, backoffLimit: 2 }, { failed: 1 }), failed, 'end BackoffLimitExceeded'],
    [
      job({ template: restarting }),
      [restarted],
      `end BackoffLimitExceeded ${restarted.metadata?.name}`,
    ],
    [job({ template: restarting, backoffLimit: 7 }), [restarted], 'rest'],
    [job({ activeDeadlineSeconds: 60 }, { startTime: started }), [], 'end DeadlineExceeded'],
    [job({ activeDeadlineSeconds: 61 }, { startTime: started }), [], 'create +'],
    [job({ activeDeadlineSeconds: 60, suspend: true }, { startTime: started }), [], 'rest'],
    [
      job(
        {},
        { conditions: [{ type: 'FailureTarget', status: 'True', reason: 'Why', message: '' }] },
      ),
      [],
      'end Why',
    ],
  ];
  for (const [of, pods, step] of cases) assert.equal(told(decide(of, pods)), step);
});

test('an indexed job works on its lowest open indexes, each once', () => {
  const four = { completions: 4, parallelism: 2, completionMode: 'Indexed' as const };
  const double = [pod('Running', { index: 1 }), pod('Running', { index: 1 })];
  const cases: readonly (readonly [Job, readonly Pod[], string])[] = [
    [job(four), [], 'create 0 1'],
    [job(four, { completedIndexes: '0,2', succeeded: 2 }), [], 'create 1 3'],
    [job(four, { completedIndexes: '0' }), [pod('Running', { index: 1 })], 'create 2'],
    [job(four), [pod('Succeeded', { index: 1 }), pod('Succeeded', { index: 1 })], 'create 0 2'],
    [
      job(four, { completedIndexes: '0-2' }),
      [pod('Succeeded', { index: 3 })],
      'end CompletionsReached',
    ],
  ];
  assert.match(told(decide(job(four), double)), /^remove p\d+$/);
  for (const [of, pods, step] of cases) assert.equal(told(decide(of, pods)), step);
  const stray = pod('Running', { index: 9 });
  assert.equal(told(decide(job(four), [stray])), `remove ${stray.metadata?.name}`);
});

test('each index has failures, a limit and a pause of its own', () => {
  const each = {
    completions: 3,
    parallelism: 3,
    completionMode: 'Indexed' as const,
    backoffLimit: 1_000,
    backoffLimitPerIndex: 1,
  };
  const justNow = (failed: Pod): Pod => ({
    ...failed,
    metadata: { ...failed.metadata, creationTimestamp: formatTime(nowMs) },
  });
  const first = pod('Failed', { index: 0, failures: 0 });
  const again = decide(job(each), [first]);
  assert.equal(told(again), 'create 0 1 2');
  assert.ok(again.kind === 'create');
  assert.deepEqual(
    again.pods.map(({ metadata }) => metadata?.annotations?.[failureCountKey]),
    ['1', '0', '0'],
  );
  const resting = decide(job(each), [justNow(first)]);
  assert.equal(told(resting), 'create 1 2');
  assert.ok(resting.kind === 'create' && resting.againInMs === 10_000);
  const others = [pod('Running', { index: 1 }), pod('Running', { index: 2 })];
  assert.equal(told(decide(job(each), [justNow(first), ...others])), 'wait 10000');
  const second = pod('Failed', { index: 0, failures: 1 });
  assert.equal(told(decide(job(each), [second])), 'create 1 2');
  const through = [second, pod('Succeeded', { index: 1 }), pod('Succeeded', { index: 2 })];
  assert.equal(told(decide(job(each), through)), 'end FailedIndexes');
  const strict = job({ ...each, maxFailedIndexes: 0 });
  assert.equal(told(decide(strict, [second])), 'end MaxFailedIndexesExceeded');
});
