import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import {
  type TestProcesses,
  TestPod,
  openTestProcesses,
  skipWithoutNamespaces,
  until,
  withRuntime,
} from '@fairway/node-agent/testing';
import { answered, networkPid, output, tellsWhoComes } from './network-scene.ts';

const skip = await skipWithoutNamespaces();

for (const isRoot of process.getuid?.() === 0 ? [true, false] : [false]) {
  const open = (): Promise<TestProcesses> => openTestProcesses({ isRoot });
  withRuntime(`pods of ${isRoot ? 'root' : 'an ordinary user'}`, { skip, open }, (fixture) => {
    test('pods reach each other by their addresses, and see who comes', async () => {
      await using served = await TestPod.start(fixture());
      await using asking = await TestPod.start(fixture());
      await served.run(tellsWhoComes);
      const [[address = ''], [own = '']] = [await served.addresses(), await asking.addresses()];
      assert.equal(await answered(fixture(), asking, address), `from ${own}`);
      const id = await asking.run('sleep 1000', { name: 'second' });
      assert.match(await output(fixture(), id, `busybox nc ${address} 1 2>&1`), /refused/);
    });

    test('a network whose program was killed is the same one afterwards', async () => {
      await using served = await TestPod.start(fixture());
      await served.run(tellsWhoComes);
      const pid = await networkPid(fixture());
      process.kill(pid, 'SIGKILL');
      await until('it runs again', async () =>
        (await networkPid(fixture())) === pid ? undefined : true,
      );
      await using asking = await TestPod.start(fixture());
      const [address = ''] = await served.addresses();
      assert.match(await answered(fixture(), asking, address), /^from/);
    });

    test('an agent that begins anew goes on with the network that is there', async () => {
      await using served = await TestPod.start(fixture());
      const pid = await networkPid(fixture());
      await fixture().restart();
      await using asking = await TestPod.start(fixture());
      await served.run(tellsWhoComes);
      const [address = ''] = await served.addresses();
      assert.match(await answered(fixture(), asking, address), /^from/);
      assert.equal(await networkPid(fixture()), pid);
    });

    test('no program of a pod holds the network of the node', async () => {
      await using pod = await TestPod.start(fixture());
      const id = await pod.run('sleep 1000');
      assert.doesNotMatch(await output(fixture(), id, 'ls -l /proc/self/fd'), /net:|user:/);
    });
  });
}

test('nothing is left of a network when its pods have ended', { skip }, async () => {
  const fixture = await openTestProcesses();
  const pod = await TestPod.start(fixture);
  const pid = await networkPid(fixture);
  await pod[Symbol.asyncDispose]();
  await fixture[Symbol.asyncDispose]();
  await until('it has ended', async () => (existsSync(`/proc/${pid}`) ? undefined : true));
});
