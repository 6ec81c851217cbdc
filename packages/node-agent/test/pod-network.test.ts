import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type TestProcesses,
  TestPod,
  openTestProcesses,
  skipWithoutNamespaces,
  until,
  withRuntime,
} from '@fairway/node-agent/testing';

/** A server on port 8080. */
const tellsWhoComes = `exec python3 -c '
import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self): self.request.sendall(("from " + self.client_address[0]).encode())
socketserver.TCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("", 8080), Handler).serve_forever()
'`;

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
      process.kill(await networkPid(fixture()), 'SIGKILL');
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

async function networkPid({ directory }: TestProcesses): Promise<number> {
  const text = await readFile(join(directory, 'pods/network/kept.json'), 'utf8');
  return (JSON.parse(text) as { readonly pid: number }).pid;
}

/** What a program at an address says to a pod, once it listens. */
async function answered(fixture: TestProcesses, pod: TestPod, address: string): Promise<string> {
  const id = await pod.run('sleep 1000', { name: `asks-${address}` });
  return await until('it answers', async () => {
    const said = await output(fixture, id, `busybox nc -w 5 ${address} 8080 </dev/null`);
    return said === '' ? undefined : said;
  });
}

async function output(fixture: TestProcesses, id: string, script: string): Promise<string> {
  const bounds = { timeoutMs: 20_000, outputBytesMax: 10_000 };
  const { stdout } = await fixture.runtime.execToEnd(id, ['sh', '-c', script], bounds);
  return Buffer.from(stdout).toString();
}
