import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { type Answers, hostedCluster, readyPod, service } from '../../test/hosted-cluster.ts';
import { parseHostedName } from './hosted-name.ts';
import { ReadyPods } from './ready-pods.ts';

const http = { name: 'http', port: 80 };

async function follow(answers: Answers): Promise<{
  readonly pods: ReadyPods;
  readonly clock: ManualClock;
  readonly asked: string[];
}> {
  const clock = new ManualClock();
  const { client, asked } = hostedCluster(answers, { clock, random: seededRandom(1) });
  const name = parseHostedName('web.default.svc.localhost');
  assert.ok(name);
  return { pods: await ReadyPods.of(client, name), clock, asked };
}

test('ReadyPods stays with one pod while it is ready, and asks now and then whether it is', async () => {
  const answers = service([http], [readyPod('web-a'), readyPod('web-b')]);
  const { pods, clock, asked } = await follow(answers);
  const first = await pods.pick();
  const questions = asked.length;
  for (let count = 0; count < 20; count += 1) assert.deepEqual(await pods.pick(), first);
  assert.equal(asked.length, questions);
  const other = first?.name === 'web-a' ? 'web-b' : 'web-a';
  Object.assign(answers, service([http], [readyPod(other)]));
  assert.deepEqual(await pods.pick(), first);
  await clock.advance(10_001);
  assert.equal((await pods.pick())?.name, other);
});

test('ReadyPods takes another pod than one that was not reached, although the cluster calls it ready', async () => {
  const { pods, asked } = await follow(service([http], [readyPod('web-a'), readyPod('web-b')]));
  const first = await pods.pick();
  assert.ok(first);
  const questions = asked.length;
  pods.giveUp(first);
  assert.notEqual((await pods.pick())?.name, first.name);
  assert.ok(asked.length > questions);
});

test('ReadyPods goes back to a pod that was not reached when there is no other', async () => {
  const { pods } = await follow(service([http], [readyPod('web-a')]));
  const first = await pods.pick();
  assert.ok(first);
  pods.giveUp(first);
  assert.deepEqual(await pods.pick(), first);
});
