import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import {
  type TestProcesses,
  TestPod,
  openTestProcesses,
  skipWithoutNamespaces,
  until,
  withRuntime,
} from '@fairway/node-agent/testing';
import type {
  EntranceBackend,
  ServiceEntrance,
} from '../src/processes/network/service-entrance.ts';
import { echoesAs, networkPid, output } from './network-scene.ts';

const skip = await skipWithoutNamespaces();
const address = '10.96.0.20';

function entrance(
  backends: readonly EntranceBackend[],
  changes: Partial<ServiceEntrance> = {},
): ServiceEntrance {
  const { protocol = 'tcp', place = { address, port: 80 } } = changes;
  const key = `${protocol} ${place.address}:${place.port}`;
  return { key, protocol, place, affinitySeconds: undefined, backends, ...changes };
}

/** A pod that echoes, as a backend, once it listens. */
async function echoing(
  fixture: TestProcesses,
  name: string,
): Promise<{ readonly pod: TestPod; readonly backend: EntranceBackend }> {
  const pod = await TestPod.start(fixture);
  await pod.run(echoesAs(name));
  await until('it listens', async () => ((await pod.log()).length > 0 ? true : undefined));
  const [podAddress = ''] = await pod.addresses();
  return { pod, backend: { address: podAddress, port: 8080, isOutside: false } };
}

for (const isRoot of process.getuid?.() === 0 ? [true, false] : [false]) {
  const open = (): Promise<TestProcesses> => openTestProcesses({ isRoot });
  const title = `services for pods of ${isRoot ? 'root' : 'an ordinary user'}`;
  withRuntime(title, { skip, open }, (fixture) => {
    test('connections go to any backend, and to none when there is none', async () => {
      const [one, two] = [await echoing(fixture(), 'one'), await echoing(fixture(), 'two')];
      await using _ = one.pod;
      await using __ = two.pod;
      await using asking = await TestPod.start(fixture());
      const id = await asking.run('sleep 1000');
      const ask = (words = ''): Promise<string> =>
        output(fixture(), id, `echo hello ${words} | busybox nc -w 5 ${address} 80 2>&1`);
      assert.match(await ask(), /refused/);
      using told = await fixture().network.openEntrances();
      const both = entrance([one.backend, two.backend]);
      const whole = { isWhole: true, set: [both], gone: [] };
      assert.deepEqual(await told.change(whole), []);
      const loop = `for i in $(seq 40); do echo $i | busybox nc -w 5 ${address} 80; done`;
      const said = await output(fixture(), id, loop);
      assert.equal(said.split('\n').length, 41);
      assert.match(said, /^one \d+$/m);
      assert.match(said, /^two \d+$/m);
      // Affinity holds for whoever comes after it was asked for.
      await told.change({ ...whole, isWhole: false, set: [{ ...both, affinitySeconds: 60 }] });
      const names = (await output(fixture(), id, loop)).match(/one|two/g);
      assert.equal(new Set(names).size, 1);
      assert.equal(names?.length, 40);
      await told.change({ isWhole: false, set: [entrance([])], gone: [] });
      assert.match(await ask(), /refused/);
      await told.change(whole);
      assert.match(await ask('again'), /hello again/);
      await told.change({ isWhole: false, set: [], gone: [both.key] });
      assert.match(await ask(), /refused/);
    });

    test('a backend that does not accept is passed over for another one', async () => {
      const { pod, backend } = await echoing(fixture(), 'alive');
      await using _ = pod;
      await using asking = await TestPod.start(fixture());
      const id = await asking.run('sleep 1000');
      using told = await fixture().network.openEntrances();
      const refusing = { ...backend, port: 9 };
      const set = [entrance([refusing, { ...refusing, port: 10 }, backend])];
      await told.change({ isWhole: true, set, gone: [] });
      const loop = `for i in $(seq 20); do echo $i | busybox nc -w 5 ${address} 80; done`;
      const said = await output(fixture(), id, loop);
      assert.equal(said.match(/^alive \d+$/gm)?.length, 20);
      // Nobody else to ask: the connection ends, and is not left open.
      await told.change({ isWhole: true, set: [entrance([refusing])], gone: [] });
      assert.equal(await output(fixture(), id, `busybox nc ${address} 80 </dev/null`), '');
    });

    test('a connection goes on while its service changes, and ends with its backend', async () => {
      const { pod, backend } = await echoing(fixture(), 'first');
      await using asking = await TestPod.start(fixture());
      using told = await fixture().network.openEntrances();
      await told.change({ isWhole: true, set: [entrance([backend])], gone: [] });
      const id = await asking.run(`mkfifo /in; busybox nc ${address} 80 <>/in >/out`);
      const say = (word: string): Promise<string> => {
        const hear = `until grep -q ${word} /out; do sleep 0.05; done; cat /out`;
        return output(
          fixture(),
          id,
          `until [ -e /in ]; do sleep 0.05; done; echo ${word} >/in; ${hear}`,
        );
      };
      assert.equal(await say('before'), 'first before\n');
      await told.change({ isWhole: true, set: [], gone: [] });
      assert.equal(await say('after'), 'first before\nfirst after\n');
      await pod[Symbol.asyncDispose]();
      await until('it ends', async () =>
        (await fixture().runtime.containerRecord(id))?.state === 'exited' ? true : undefined,
      );
    });

    test('datagrams go to one backend for each client, which is answered from the address asked', async () => {
      const [one, two] = [await echoing(fixture(), 'one'), await echoing(fixture(), 'two')];
      await using _ = one.pod;
      await using __ = two.pod;
      await using asking = await TestPod.start(fixture());
      using told = await fixture().network.openEntrances();
      const set = [entrance([one.backend, two.backend], { protocol: 'udp' })];
      await told.change({ isWhole: true, set, gone: [] });
      const ask = `import socket
def ask(words):
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.settimeout(10)
    asking.connect(("${address}", 80))
    said = []
    for word in words:
        asking.send(word)
        said.append(asking.recv(100).decode())
    return said
for i in range(20): print(*ask([b"a", b"b"]))`;
      await asking.runToEnd(`python3 -c '${ask}'`);
      const lines = (await asking.log()).map((line) => line.replace('stdout F ', ''));
      assert.equal(lines.length, 20);
      assert.deepEqual(new Set(lines), new Set(['one a one b', 'two a two b']));
    });

    test('a backend outside is one that this machine reaches', async () => {
      const server = createServer((socket) => socket.end('outside\n')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await using asking = await TestPod.start(fixture());
      const id = await asking.run('sleep 1000');
      using told = await fixture().network.openEntrances();
      const set = [entrance([{ address: '127.0.0.1', port, isOutside: true }])];
      await told.change({ isWhole: true, set, gone: [] });
      const nc = `busybox nc -w 5 ${address} 80 </dev/null`;
      assert.equal(await output(fixture(), id, nc), 'outside\n');
      await new Promise((resolve) => server.close(resolve));
      assert.equal(await output(fixture(), id, nc), '');
    });

    test('pods ask for names, by datagrams and connections, and whoever answers may begin anew', async () => {
      await using asking = await TestPod.start(fixture());
      const id = await asking.run('sleep 1000');
      const { network } = fixture();
      using told = await network.openEntrances();
      const place = { address: '10.96.0.10', port: 53 };
      const gateway = { ...place, address: network.gateway(['10.244.0.0/24']), isOutside: false };
      const set = [entrance([gateway], { protocol: 'udp', place })];
      await told.change({ isWhole: true, set, gone: [] });
      for (const who of ['first', 'second']) {
        await using _ = await network.answerNames({
          datagram: (message) => Buffer.from(`${who} ${message.toString()}`),
          connection: (socket) => void socket.end(`${who} connection`),
        });
        for (const at of [place.address, network.namesAddress]) {
          const ask = `python3 -c 'import socket
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(1)
asking.sendto(b"question", ("${at}", 53))
print(asking.recv(100).decode())'`;
          const said = await until('it is answered', async () => {
            const text = await output(fixture(), id, `${ask} 2>/dev/null`);
            return text === '' ? undefined : text;
          });
          assert.equal(said, `${who} question\n`);
        }
        const nc = `busybox nc -w 5 ${network.namesAddress} 53 </dev/null`;
        assert.equal(await output(fixture(), id, nc), `${who} connection`);
      }
    });

    test('somebody outside enters by the key of an entrance', async () => {
      const { pod, backend } = await echoing(fixture(), 'inside');
      await using _ = pod;
      const { network } = fixture();
      using told = await network.openEntrances();
      const key = 'tcp node port 30080';
      const set = [{ ...entrance([backend]), key, place: undefined }];
      await told.change({ isWhole: true, set, gone: [] });
      const stream = await network.enter(key, '192.0.2.7');
      stream.write('hello\n');
      const [chunk] = (await once(stream, 'data')) as [Buffer];
      assert.equal(chunk.toString(), 'inside hello\n');
      stream.destroy();
      await assert.rejects(network.enter('tcp node port 9', ''), /there is no service at/);
    });

    test('whoever tells learns that the program has ended, and tells the next one', async () => {
      const { pod, backend } = await echoing(fixture(), 'kept');
      await using _ = pod;
      const { network } = fixture();
      using told = await network.openEntrances();
      process.kill(await networkPid(fixture()), 'SIGKILL');
      await told.closed;
      await assert.rejects(told.change({ isWhole: true, set: [], gone: [] }), {
        problem: 'unavailable',
      });
      using again = await until('it runs again', () =>
        network.openEntrances().catch(() => undefined),
      );
      await again.change({ isWhole: true, set: [entrance([backend])], gone: [] });
      await using asking = await TestPod.start(fixture());
      const id = await asking.run('sleep 1000');
      const nc = `echo hello | busybox nc -w 5 ${address} 80`;
      assert.equal(await output(fixture(), id, nc), 'kept hello\n');
    });

    test('what cannot be had is told, and the rest holds', async () => {
      const { pod, backend } = await echoing(fixture(), 'fine');
      await using _ = pod;
      using told = await fixture().network.openEntrances();
      const elsewhere = entrance([backend], { place: { address: '192.0.2.7', port: 80 } });
      const set = [elsewhere, entrance([backend])];
      const problems = await told.change({ isWhole: true, set, gone: [] });
      assert.deepEqual(
        problems.map(({ key }) => key),
        [elsewhere.key],
      );
      assert.match(problems[0]?.message ?? '', /EADDRNOTAVAIL/);
      const id = await pod.run('sleep 1000', { name: 'asks' });
      const nc = `echo itself | busybox nc -w 5 ${address} 80`;
      assert.equal(await output(fixture(), id, nc), 'fine itself\n');
    });
  });
}
