import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodStatus } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import { type PodMeasures, plainUsage, replicasForUsage, resourceUsage } from './pod-usage.ts';

const nowMs = Date.UTC(2026, 0, 1);
const longAgoMs = nowMs - 3_600_000;

/** `500` measured of a ready pod; what stands behind tells of another: see `kinds`. */
interface Situation {
  readonly what: string;
  /** One a pod: `<thousandths>`, or `-` for one of which nothing was measured, and its kind behind. */
  readonly pods: string;
  readonly expected: number | string;
  readonly target?: number;
  readonly tolerances?: { readonly up: number; readonly down: number };
  /** Measured against what pods request, 1000 each, and not against a target for each. */
  readonly ofRequests?: true;
  readonly isCpu?: true;
}

const kinds: Readonly<Record<string, PodStatus & { readonly deleted?: true }>> = {
  pending: { phase: 'Pending' },
  failed: { phase: 'Failed' },
  deleted: { deleted: true },
  /** Started a minute ago, and not ready. */
  starting: started(nowMs - 60_000, 'False', nowMs - 60_000),
  /** Ready for less than the time that it was measured over. */
  fresh: started(nowMs - 60_000, 'True', nowMs - 10_000),
  /** Not ready since its start, an hour ago. */
  never: started(longAgoMs, 'False', longAgoMs + 5_000),
  /** Was ready once. */
  sick: started(longAgoMs, 'False', nowMs - 60_000),
  unstarted: { phase: 'Running' },
};

function started(
  startMs: number,
  ready: string,
  changedMs: number,
): PodStatus & { readonly deleted?: true } {
  const lastTransitionTime = formatTime(changedMs);
  return {
    phase: 'Running',
    startTime: formatTime(startMs),
    conditions: [{ type: 'Ready', status: ready, lastTransitionTime }],
  };
}

const situations: readonly Situation[] = [
  { what: 'twice the target takes twice the pods', pods: '1000 1000', expected: 4 },
  { what: 'rounds up', pods: '600 600 600', expected: 4 },
  { what: 'half the target takes half the pods', pods: '250 250', expected: 1 },
  { what: 'a tenth more is near enough', pods: '550 550', expected: 2 },
  { what: 'more than a tenth is not', pods: '560 560', expected: 3 },
  { what: 'a tenth less is near enough', pods: '450 450', expected: 2 },
  {
    what: 'each direction has a tolerance of its own',
    pods: '560 560',
    tolerances: { up: 0.2, down: 0 },
    expected: 2,
  },
  {
    what: 'a tolerance of nothing follows everything',
    pods: '490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490 490',
    tolerances: { up: 0.2, down: 0 },
    expected: 49,
  },
  { what: 'pods without measures count as nothing on the way up', pods: '1000 -', expected: 2 },
  { what: 'and still do not turn it down', pods: '600 - -', expected: 3 },
  { what: 'and as all they may use on the way down', pods: '100 100 -', expected: 2 },
  { what: 'so that fewer stay as many when they may all be busy', pods: '400 - - -', expected: 4 },
  { what: 'pods that wait count as nothing on the way up', pods: '1500 0:pending', expected: 3 },
  { what: 'and not at all on the way down', pods: '100 0:pending', expected: 1 },
  {
    what: 'pods that are going do not count',
    pods: '1000 1000 9000:deleted 9000:failed',
    expected: 4,
  },
  {
    what: 'nothing was measured',
    pods: '- -',
    expected: 'did not receive metrics for any ready pods',
  },
  {
    what: 'the CPU of a pod that starts does not count on the way down',
    pods: '200 5000:starting',
    isCpu: true,
    expected: 1,
  },
  {
    what: 'it counts as nothing on the way up',
    pods: '2000 5000:starting',
    isCpu: true,
    expected: 4,
  },
  {
    what: 'nor that of one that has just become ready',
    pods: '200 5000:fresh',
    isCpu: true,
    expected: 1,
  },
  { what: 'nor that of one that never was', pods: '200 5000:never', isCpu: true, expected: 1 },
  {
    what: 'nor that of one that has not started',
    pods: '200 5000:unstarted',
    isCpu: true,
    expected: 1,
  },
  {
    what: 'that of one that was ready once counts',
    pods: '500 1500:sick',
    isCpu: true,
    expected: 4,
  },
  {
    what: 'anything but the CPU counts while a pod starts',
    pods: '500 1500:starting',
    expected: 4,
  },
  { what: 'of requests: 80 % of 50 %', pods: '800 800', ofRequests: true, expected: 4 },
  {
    what: 'of requests: 100 % is assumed of one without measures',
    pods: '100 100 100 -',
    ofRequests: true,
    expected: 3,
  },
  {
    what: 'of requests: measures of strangers',
    pods: '',
    ofRequests: true,
    expected: 'no metrics returned matched known pods',
  },
];

for (const { what, pods: text, expected, ...situation } of situations) {
  test(`replicasForUsage(): ${what}`, () => {
    const { target = 500, tolerances = { up: 0.1, down: 0.1 }, isCpu = false } = situation;
    const given = text === '' ? [] : text.split(' ').map((each, at) => podOf(each, `p${at}`));
    const pods = given.map(({ pod }) => pod);
    const measures: PodMeasures = new Map(
      [...given, ...(text === '' ? [{ name: 'stranger', milli: 1 }] : [])].flatMap(
        ({ name, milli }) =>
          milli === undefined ? [] : [[name, { milli, atMs: nowMs, windowMs: 30_000 }] as const],
      ),
    );
    const requests = new Map(given.map(({ name }) => [name, 1_000]));
    const outcome = replicasForUsage(pods, measures, {
      currentReplicas: pods.length,
      tolerances,
      isCpu,
      nowMs,
      usageOf: (values) =>
        situation.ofRequests === true
          ? resourceUsage(values, requests, target / 10)
          : plainUsage(values, target),
      fullMilliOf: () => (situation.ofRequests === true ? 1_000 : target),
    });
    assert.equal('problem' in outcome ? outcome.problem : outcome.replicas, expected);
  });
}

function podOf(
  text: string,
  name: string,
): { readonly name: string; readonly milli?: number; readonly pod: Pod } {
  const [amount = '', kind = ''] = text.split(':');
  const { deleted, ...status } = kinds[kind] ?? started(longAgoMs, 'True', longAgoMs + 5_000);
  const deletion = deleted === undefined ? {} : { deletionTimestamp: formatTime(nowMs) };
  const pod: Pod = { metadata: { name, ...deletion }, status };
  return { name, pod, ...(amount === '-' ? {} : { milli: Number(amount) }) };
}

test('usage is told as it was measured, in whole thousandths and per cent', () => {
  const values = new Map([
    ['a', 333],
    ['b', 334],
  ]);
  assert.equal(plainUsage(values, 500).averageMilli, 333);
  const usage = resourceUsage(values, new Map([...values.keys()].map((name) => [name, 1_000])), 50);
  assert.deepEqual(usage, { ratio: 33 / 50, utilization: 33, averageMilli: 333 });
});
