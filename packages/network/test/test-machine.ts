import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Processes } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';

const run = promisify(execFile);

/** What of the machine this takes. */
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
/** Why tests with a machine cannot run here; in CI nothing may be missing. */
export const skip =
  missing !== undefined && process.env['CI'] !== 'true' && `this machine lacks ${missing}`;

/** A machine of its own, with pods whose network it is the router of: 10.244.0.2 and so on. */
export class Machine implements AsyncDisposable {
  readonly #pids = new Map<string, number>();
  readonly #processes: ReturnType<typeof spawn>[] = [];

  static async open(pods: readonly string[] = ['a', 'b']): Promise<Machine> {
    const machine = new Machine();
    await machine.#addNamespace('node');
    await machine.in('node', 'ip link set lo up; sysctl -qw net.ipv4.ip_forward=1');
    for (const [index, pod] of pods.entries()) await machine.#addPod(pod, index + 2);
    return machine;
  }

  /** The programs of this machine, in the network of the other one. */
  get processes(): Processes {
    const { run: runHere } = nodejsHost().processes;
    const enter = ['-t', String(this.#pids.get('node')), '-n'];
    return {
      run: (command, signal) => {
        const args = [...enter, command.file, ...command.arguments];
        return runHere({ ...command, file: 'nsenter', arguments: args }, signal);
      },
    };
  }

  /** Runs a script in the network of the machine or of a pod, and answers what it prints. */
  async in(where: string, script: string): Promise<string> {
    const pid = String(this.#pids.get(where));
    const { stdout } = await run('nsenter', ['-t', pid, '-n', 'sh', '-c', script], {
      timeout: 60_000,
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

  /** Answers each connection and datagram to a port with the name of the place and the address that it sees. */
  async serve(where: string, ...ports: readonly number[]): Promise<void> {
    await this.run(
      where,
      `
      const started = ${JSON.stringify(ports)}.flatMap((port) => {
        const server = require('node:net').createServer((socket) =>
          socket.on('error', () => {}).end('${where} ' + socket.remoteAddress));
        const datagrams = require('node:dgram').createSocket('udp4')
          .on('message', (_, { address, port }) => datagrams.send('${where} ' + address, port, address));
        return [
          new Promise((resolve) => server.listen(port, '0.0.0.0', resolve)),
          new Promise((resolve) => datagrams.bind(port, '0.0.0.0', resolve)),
        ];
      });
      Promise.all(started).then(() => console.log('ready'));`,
    );
  }

  /** Starts a program of Node.js in the network of a place; it goes on once it has printed something. */
  async run(where: string, script: string): Promise<ReturnType<typeof spawn>> {
    const pid = String(this.#pids.get(where));
    return this.#start(['nsenter', '-t', pid, '-n', process.execPath, '-e', script]);
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
    const holder = ['unshare', '-n', 'sh', '-c', 'echo ready; exec sleep infinity'];
    this.#pids.set(name, (await this.#start(holder)).pid ?? 0);
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

  /** Answers a process once it says that it is ready. */
  async #start([file = '', ...args]: readonly string[]): Promise<ReturnType<typeof spawn>> {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#processes.push(child);
    await once(child.stdout, 'data');
    return child;
  }
}

/** A script that connects, and prints what it is told or what goes wrong. */
export const ask = (address: string, port: number): string => `
  ${process.execPath} -e "
    require('node:net').connect({ host: '${address}', port: ${port}, timeout: 5000 })
      .on('data', (bytes) => console.log(String(bytes))).on('timeout', () => console.log('nothing'))
      .on('error', (error) => console.log(error.code)).on('close', () => process.exit(0));"`;
