import assert from 'node:assert/strict';
import type { ProcessStreams } from '@fairway/protocol/pods';
import { type DeclareTest, type RuntimeFixture, TestPod, ended, until } from './runtime-fixture.ts';
import { TestCaller, chunks } from './test-caller.ts';

const all: ProcessStreams = { stdin: true, stdout: true, stderr: true, tty: false };
const bounds = { timeoutMs: 10_000, outputBytesMax: 100_000 };

/** Ways into containers that run. */
export function describeStreams(fixture: () => RuntimeFixture, test: DeclareTest): void {
  test('execToEnd() answers exit code and both outputs', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    const command = ['sh', '-c', 'echo out; echo err >&2; exit 9'];
    const { exitCode, stdout, stderr } = await runtime.execToEnd(id, command, bounds);
    assert.deepEqual(
      [exitCode, String(Buffer.from(stdout)), String(Buffer.from(stderr))],
      [9, 'out\n', 'err\n'],
    );
    const flood = ['sh', '-c', 'head -c 300000 /dev/zero'];
    const flooded = await runtime.execToEnd(id, flood, bounds);
    assert.equal(flooded.stdout.length, bounds.outputBytesMax);
    await assert.rejects(runtime.execToEnd(id, ['no-such-program'], bounds), {
      name: 'RuntimeError',
      problem: 'failed',
      message: /no-such-program/,
    });
  });

  test('execToEnd() ends a command whose time is over', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    const late = runtime.execToEnd(id, ['sleep', '1003'], { ...bounds, timeoutMs: 1_000 });
    await assert.rejects(late, { name: 'RuntimeError', problem: 'timeout' });
    await until('the command has ended', async () => {
      const { stdout } = await runtime.execToEnd(id, ['busybox', 'ps', '-o', 'args'], bounds);
      return Buffer.from(stdout).toString().includes('sleep 1003') ? undefined : true;
    });
  });

  test('exec() carries input to its end, outputs apart, and the exit code', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    const caller = new TestCaller({ stdin: chunks(['one\n', 'two\n']) });
    const command = ['sh', '-c', 'wc -l; echo worse >&2; exit 6'];
    assert.equal(await runtime.exec(id, command, all)(caller), 6);
    assert.deepEqual(caller.output, { stdout: '2\n', stderr: 'worse\n' });
    const missing = runtime.exec(id, ['no-such-program'], all)(new TestCaller());
    await assert.rejects(missing, /no-such-program/);
  });

  test('exec() carries megabytes both ways', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    const megabyte = 'x'.repeat(1_000_000);
    const caller = new TestCaller({ stdin: chunks(Array.from({ length: 5 }, () => megabyte)) });
    assert.equal(await runtime.exec(id, ['cat'], all)(caller), 0);
    assert.equal(caller.output.stdout.length, 5_000_000);
  });

  test('exec() of a command that does not read its input ends with it', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    const megabyte = 'x'.repeat(1_000_000);
    const caller = new TestCaller({ stdin: chunks(Array.from({ length: 5 }, () => megabyte)) });
    const command = ['sh', '-c', 'sleep 0.5; echo done; exit 3'];
    assert.equal(await runtime.exec(id, command, all)(caller), 3);
    assert.equal(caller.output.stdout, 'done\n');
  });

  test('exec() of a command that ends before its input answers all that it has said', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    for (let round = 0; round < 3; round += 1) {
      const caller = new TestCaller({ stdin: endless('y\n'.repeat(32_000)) });
      const command = ['sh', '-c', 'head -n 1; exit 3'];
      assert.equal(await runtime.exec(id, command, all)(caller), 3);
      assert.equal(caller.output.stdout, 'y\n');
    }
  });

  test('exec() gives a terminal its size', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    const { promise: sized, resolve } = Promise.withResolvers<void>();
    const caller = new TestCaller({
      stdin: chunks(['until stty size | grep "33 111"; do :; done; echo; stty size\n'], sized),
      sizes: [{ width: 111, height: 33 }],
    });
    const running = runtime.exec(id, ['sh'], { ...all, tty: true })(caller);
    await caller.hears('\n33 111');
    resolve();
    caller.leave();
    await assert.rejects(running);
  });

  test('a caller that leaves lets go of its command', async () => {
    await using pod = await TestPod.start(fixture());
    const id = await pod.run('sleep 100');
    const { runtime } = fixture();
    const caller = new TestCaller({ stdin: chunks([], new Promise(() => {})) });
    const running = runtime.exec(id, ['sh', '-c', 'echo here; cat'], all)(caller);
    await caller.hears('here');
    caller.leave();
    await assert.rejects(running);
  });

  test('attach() joins what the container runs anyway', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    const id = await pod.run('while read line; do echo "got $line"; done; exit 4', {
      stdin: true,
      stdinOnce: true,
    });
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const caller = new TestCaller({ stdin: chunks(['one\n', 'two\n'], heard) });
    const attached = runtime.attach(id, all)(caller);
    await caller.hears('got two');
    resolve();
    await attached;
    assert.equal((await ended(runtime, id)).exitCode, 4);
    assert.deepEqual(await pod.log(), ['stdout F got one', 'stdout F got two']);
  });

  test('connectPort() leads to what listens in the pod', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    await pod.run('busybox nc -ll -p 8080 -e cat');
    const heard = await until('somebody listens', async () => {
      try {
        const opened = await runtime.connectPort(pod.sandboxId, 8080);
        await opened.write(Buffer.from('ping'));
        for await (const bytes of opened.incoming) return Buffer.from(bytes).toString();
      } catch {
        return undefined;
      }
      return undefined;
    });
    assert.equal(heard, 'ping');
    const large = await runtime.connectPort(pod.sandboxId, 8080);
    const sent = Buffer.alloc(2_000_000, 'y');
    const sending = large.write(sent).then(() => large.end());
    let received = 0;
    for await (const bytes of large.incoming) received += bytes.length;
    await sending;
    assert.equal(received, sent.length);
  });

  test('connectPort() tells that nobody listens', async () => {
    await using pod = await TestPod.start(fixture());
    const { runtime } = fixture();
    await assert.rejects(async () => {
      const stream = await runtime.connectPort(pod.sandboxId, 9);
      for await (const _ of stream.incoming);
    }, /refused/);
  });
}

async function* endless(text: string): AsyncGenerator<Uint8Array, undefined> {
  for (;;) yield Buffer.from(text);
}
