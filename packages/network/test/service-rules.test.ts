import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { changeScript, fullScript } from '../src/service-rules/nft-script.ts';
import { rulesetOf } from '../src/service-rules/ruleset.ts';
import type { ServicePort } from '../src/service-rules/service-port.ts';

const run = promisify(execFile);

/** What of the machine this takes; in CI nothing may be missing. */
function lacked(): string | undefined {
  if (process.getuid?.() !== 0) return 'root';
  for (const [program, flag] of [
    ['nft', '--version'],
    ['ip', '-V'],
    ['unshare', '--version'],
  ] as const) {
    try {
      execFileSync(program, [flag], { stdio: 'ignore' });
    } catch {
      return program;
    }
  }
  return undefined;
}

const missing = lacked();
const skip =
  missing !== undefined && process.env['CI'] !== 'true' && `this machine lacks ${missing}`;

/** A machine of its own, with two pods whose network it is the router of. */
class Machine implements AsyncDisposable {
  readonly #pids = new Map<string, number>();
  readonly #processes: ReturnType<typeof spawn>[] = [];

  static async open(): Promise<Machine> {
    const machine = new Machine();
    await machine.#addNamespace('node');
    await machine.in('node', 'ip link set lo up; sysctl -qw net.ipv4.ip_forward=1');
    for (const [index, pod] of ['a', 'b'].entries()) await machine.#addPod(pod, index + 2);
    return machine;
  }

  /** Runs a script in the network of the machine or of a pod, and answers what it prints. */
  async in(where: string, script: string): Promise<string> {
    const pid = String(this.#pids.get(where));
    const { stdout } = await run('nsenter', ['-t', pid, '-n', 'sh', '-c', script], {
      timeout: 20_000,
    });
    return stdout.trim();
  }

  async apply(script: string): Promise<void> {
    const pid = String(this.#pids.get('node'));
    const nft = spawn('nsenter', ['-t', pid, '-n', 'nft', '-f', '-'], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    nft.stdin.end(script);
    const [code] = (await once(nft, 'close')) as [number];
    assert.equal(code, 0, script);
  }

  /** Answers each connection to a port with the name of the pod and the address that it sees. */
  async serve(pod: string, port: number): Promise<void> {
    const script = `
      const server = require('node:net').createServer((socket) => socket.end('${pod} ' + socket.remoteAddress));
      server.listen(${port}, '0.0.0.0', () => console.log('ready'));`;
    const pid = String(this.#pids.get(pod));
    await this.#start(['nsenter', '-t', pid, '-n', process.execPath, '-e', script]);
  }

  /** Counts the packets that go to a program of a pod from now on. */
  async count(address: string, port: number): Promise<void> {
    await this.apply(`
      table ip counted {
        counter served { }
        chain leave {
          type filter hook postrouting priority 200;
          ip daddr ${address} tcp dport ${port} counter name served
        }
      }\n`);
  }

  async counted(): Promise<number> {
    const listed = await this.in('node', 'nft list counter ip counted served');
    return Number(/packets (\d+)/.exec(listed)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#processes) {
      each.kill('SIGKILL');
      if (each.exitCode === null && each.signalCode === null) await once(each, 'exit');
    }
  }

  async #addNamespace(name: string): Promise<void> {
    const holder = await this.#start([
      'unshare',
      '-n',
      'sh',
      '-c',
      'echo ready; exec sleep infinity',
    ]);
    this.#pids.set(name, holder);
  }

  async #addPod(pod: string, number: number): Promise<void> {
    await this.#addNamespace(pod);
    const pid = this.#pids.get(pod);
    await this.in('node', `ip link add to-${pod} type veth peer name eth0 netns ${pid}`);
    await this.in(
      'node',
      `ip addr add 10.244.0.1/32 dev to-${pod}; ip link set to-${pod} up; ip route add 10.244.0.${number}/32 dev to-${pod}`,
    );
    await this.in(
      pod,
      `ip link set lo up; ip addr add 10.244.0.${number}/32 dev eth0; ip link set eth0 up; ip route add 10.244.0.1/32 dev eth0; ip route add default via 10.244.0.1`,
    );
  }

  /** Answers the number of a process once it says that it is ready. */
  async #start([file = '', ...args]: readonly string[]): Promise<number> {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#processes.push(child);
    await once(child.stdout, 'data');
    return child.pid ?? 0;
  }
}

const ask = (address: string, port: number): string => `
  ${process.execPath} -e "
    require('node:net').connect({ host: '${address}', port: ${port}, timeout: 5000 })
      .on('data', (bytes) => console.log(String(bytes))).on('timeout', () => console.log('nothing'))
      .on('error', (error) => console.log(error.code)).on('close', () => process.exit(0));"`;

const table = { name: 'fairway-test', clusterCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/24' };
const a = { address: '10.244.0.2', port: 8080 };
const b = { address: '10.244.0.3', port: 8080 };
const web: ServicePort = {
  key: 'shop/web/tcp/http',
  protocol: 'tcp',
  port: 80,
  clusterAddresses: ['10.0.0.20'],
  externalAddresses: [],
  loadBalancer: { addresses: [], sources: undefined },
  nodePort: 30_080,
  affinitySeconds: undefined,
  internalBackends: [a, b],
  externalBackends: [b],
  keepsSender: false,
};

test(
  'addresses of load balancers lead in those whom they are for, in the kernel',
  { skip },
  async (t) => {
    await using machine = await Machine.open();
    await Promise.all([machine.serve('a', 8080), machine.serve('b', 8080)]);
    const loadBalancerCidr = '10.245.0.0/24';
    await machine.in('node', `ip route replace local ${loadBalancerCidr} dev lo proto 121`);
    const door = (sources?: readonly string[]): ServicePort => ({
      ...web,
      loadBalancer: { addresses: ['10.245.0.1'], sources },
    });
    const apply = (port: ServicePort): Promise<void> =>
      machine.apply(fullScript({ ...table, loadBalancerCidr }, rulesetOf([port])));
    const said = (from: string, address = '10.245.0.1', port = 80): Promise<string> =>
      machine.in(from, ask(address, port));
    await t.test('from the machine and from pods', async () => {
      await apply(door());
      assert.equal(await said('node'), 'b 10.244.0.1');
      assert.equal(await said('a'), 'b 10.244.0.1');
    });
    await t.test('no other port, and no address that no service has', async () => {
      await machine.serve('node', 81);
      assert.equal(await said('a', '10.244.0.1', 81), 'node 10.244.0.2', 'the machine has it');
      assert.equal(await said('a', '10.245.0.1', 81), 'ECONNREFUSED');
      assert.equal(await said('node', '10.245.0.1', 81), 'ECONNREFUSED');
      assert.equal(await said('node', '10.245.0.9'), 'ECONNREFUSED');
    });
    await t.test(
      'from the networks that it names only, and packets of others reach nothing',
      async () => {
        await apply(door(['10.244.0.2/32']));
        await machine.count('10.244.0.3', 8080);
        assert.equal(await said('a'), 'b 10.244.0.1');
        const before = await machine.counted();
        assert.ok(before > 0);
        assert.equal(await said('b'), 'ECONNREFUSED');
        assert.equal(await said('node'), 'ECONNREFUSED');
        assert.equal(await machine.counted(), before);
        await apply(door(['10.0.0.0/8', '10.245.0.1']));
        assert.equal(await said('node'), 'b 10.244.0.1');
      },
    );
    await t.test('with the sender as it was, to a program of this node', async () => {
      await apply({ ...door(), keepsSender: true });
      assert.equal(await said('a'), 'b 10.244.0.2');
      assert.equal(await said('node'), 'b 10.244.0.1');
      assert.equal(await said('a', '10.244.0.1', 30_080), 'b 10.244.0.2');
    });
  },
);

test('addresses of services lead to their programs, in the kernel', { skip }, async (t) => {
  await using machine = await Machine.open();
  await Promise.all([machine.serve('a', 8080), machine.serve('b', 8080)]);
  const rules = rulesetOf([web]);
  await machine.apply(fullScript(table, rules));
  const answers = async (
    from: string,
    address: string,
    port = 80,
  ): Promise<ReadonlySet<string>> => {
    const said = await machine.in(
      from,
      Array.from({ length: 8 }, () => ask(address, port)).join('\n'),
    );
    return new Set(said.split('\n'));
  };
  await t.test('from a pod to both of them, to itself by the address of the machine', async () => {
    for (let round = 0; round < 5; round++) {
      const seen = await answers('a', '10.0.0.20');
      assert.ok(
        [...seen].every((each) => ['a 10.244.0.1', 'b 10.244.0.2'].includes(each)),
        [...seen].join(),
      );
      if (seen.size === 2) return;
    }
    assert.fail('always the same');
  });
  await t.test('from the machine itself, where a way leads there', async () => {
    await machine.in('node', 'ip route add 10.0.0.0/24 dev lo src 10.244.0.1');
    assert.ok(
      [...(await answers('node', '10.0.0.20'))].every((each) => each.endsWith(' 10.244.0.1')),
    );
  });
  await t.test('through a port of the machine, with its address as sender', async () => {
    assert.deepEqual([...(await answers('a', '10.244.0.1', 30_080))], ['b 10.244.0.1']);
  });
  await t.test('what no service has is refused at once', async () => {
    assert.deepEqual([...(await answers('a', '10.0.0.99'))], ['ECONNREFUSED']);
    assert.deepEqual([...(await answers('a', '10.0.0.20', 81))], ['ECONNREFUSED']);
  });
  await t.test('a change touches only what it is about', async () => {
    const stays = rulesetOf([{ ...web, affinitySeconds: 600 }]);
    await machine.apply(changeScript(table, rules, stays));
    assert.equal((await answers('a', '10.0.0.20')).size, 1, 'a client stays where it was');
    const shut = rulesetOf([{ ...web, internalBackends: [], externalBackends: [] }]);
    await machine.apply(changeScript(table, stays, shut));
    assert.deepEqual([...(await answers('a', '10.0.0.20'))], ['ECONNREFUSED']);
    assert.deepEqual([...(await answers('b', '10.244.0.1', 30_080))], ['ECONNREFUSED']);
    await machine.apply(changeScript(table, shut, rulesetOf([])));
  });
});
