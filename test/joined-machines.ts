import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { DisposalStack } from '@fairway/host';
import { Node, ServiceAccount } from '@fairway/kinds/core/v1';
import { type RunningProgram, fairwayCommand, startProgram } from './fairway-process.ts';
import { finished } from './kubectl-process.ts';
import { allMachineTraces } from './machine-traces.ts';

/** A cluster on this machine, and others that are its nodes: each with a network of its own, in one LAN. */
export interface JoinedMachines extends AsyncDisposable {
  readonly admin: ConnectedClient;
  readonly kubeconfig: string;
  readonly directory: string;
  /** What somebody types on a machine that joins, after `fairway`. */
  readonly joinWords: readonly string[];
  readonly machines: readonly [JoinedMachine, JoinedMachine];
  kubectl(...args: string[]): ChildProcess;
  /** What `kubectl` prints; with what it says of its failure when it fails. */
  output(...args: string[]): Promise<string>;
}

export interface JoinedMachine {
  readonly name: string;
  readonly address: string;
  /** Runs `fairway node` there, until its node is ready. */
  start(...words: readonly string[]): Promise<RunningProgram>;
  /** What the machine has of the node, once that has ended. */
  traces(): Promise<readonly string[]>;
}

export async function openJoinedMachines(): Promise<JoinedMachines> {
  await using started = new DisposalStack();
  const directory = await mkdtemp(join(tmpdir(), 'fairway-joined-'));
  started.defer(() => rm(directory, { recursive: true }));
  const lan = started.use(await openLan());
  const fairway = (...words: string[]): RunningProgram =>
    startProgram([...fairwayCommand, ...words], { workingDirectory: directory });
  const { second } = lan;
  const up = fairway(
    'up',
    '--memory',
    '--node=none',
    `--listen=${lan.addressOf(1)}:0`,
    `--cluster-cidr=10.${second}.0.0/16`,
    `--service-cluster-ip-range=172.31.${second}.0/24`,
  );
  started.defer(async () => {
    up.child.kill('SIGINT');
    await up.ended;
  });
  await up.until('Stop it with');
  const kubeconfig = join(directory, '.fairway', 'kubeconfig');
  const admin = started.use(await connect({ kubeconfig }));
  await admin.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
  const token = ['token', 'create', '--print-join-command', `--kubeconfig=${kubeconfig}`];
  const printed = await fairway(...token).ended;
  assert.match(printed.output, / node --join /);
  const joinWords = printed.output.slice(printed.output.indexOf('node --join')).trim().split(' ');
  const running = started.use(new DisposalStack());
  const machineOf = async (number: number): Promise<JoinedMachine> => {
    const name = `n${number}`;
    const dataDirectory = join(directory, name);
    const network = await lan.addMachine(number + 1);
    const own = [`--data-dir=${dataDirectory}`, `--node-name=${name}`];
    return {
      name,
      address: lan.addressOf(number + 1),
      async start(...words) {
        // Only the network is another one: a machine has its cgroups and mounts in common with this one.
        const command = [...fairwayCommand, ...words, ...own] as const;
        const beganMs = Date.now();
        const program = startProgram(['nsenter', `--net=${network}`, ...command]);
        running.defer(async () => {
          program.child.kill('SIGINT');
          await program.ended;
        });
        await program.until('Stop it with');
        await admin.waitFor(Node, name, (node) => {
          const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready');
          return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime ?? '') > beganMs;
        });
        return program;
      },
      traces: () => allMachineTraces({ dataDirectory, addressPrefixes: [] }),
    };
  };
  const machines = [await machineOf(1), await machineOf(2)] as const;
  const kubectl = (...args: string[]): ChildProcess =>
    spawn('kubectl', ['--kubeconfig', kubeconfig, ...args], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    });
  const all = started.move();
  return {
    admin,
    kubeconfig,
    directory,
    joinWords,
    machines,
    kubectl,
    async output(...args) {
      const [out, err, code] = await finished(kubectl(...args));
      return code === 0 ? out : `${code}: ${err}`;
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

const run = promisify(execFile);

/** A switch to which machines are connected, this one among them. */
async function openLan() {
  const second = randomInt(128, 192);
  const bridge = `fwj${second}`;
  const addressOf = (number: number): string => `198.18.${second}.${number}`;
  const ip = (...words: string[]) => run('ip', words);
  const namespaces: string[] = [];
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('addr', 'add', `${addressOf(1)}/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  return {
    second,
    addressOf,
    /** Answers the file of its network namespace. */
    async addMachine(number: number): Promise<string> {
      const namespace = `${bridge}-${number}`;
      const port = `${bridge}p${number}`;
      await ip('netns', 'add', namespace);
      namespaces.push(namespace);
      const peer = ['peer', 'name', 'eth0', 'netns', namespace];
      await ip('link', 'add', port, 'master', bridge, 'type', 'veth', ...peer);
      await ip('link', 'set', port, 'up');
      const inside = (...words: string[]) => ip('-n', namespace, ...words);
      await inside('addr', 'add', `${addressOf(number)}/24`, 'dev', 'eth0');
      for (const link of ['lo', 'eth0']) await inside('link', 'set', link, 'up');
      await inside('route', 'add', 'default', 'via', addressOf(1));
      return `/run/netns/${namespace}`;
    },
    async [Symbol.asyncDispose]() {
      for (const each of namespaces) await ip('netns', 'del', each);
      await ip('link', 'del', bridge);
    },
  };
}
