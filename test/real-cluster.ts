import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { DisposalStack } from '@fairway/host';
import { Node, ServiceAccount } from '@fairway/kinds/core/v1';
import { busyboxImage } from '@fairway/node-agent/testing';
import { type RunningProgram, fairwayCommand, startProgram } from './fairway-process.ts';
import { finished } from './kubectl-process.ts';
import { type MachineTraces, machineTraces } from './machine-traces.ts';

/** The cluster of `fairway up --node containerd` in a folder of its own, as its user has it. */
export interface RealCluster extends AsyncDisposable {
  readonly directory: string;
  readonly kubeconfig: string;
  readonly admin: ConnectedClient;
  readonly addresses: OwnNetworks;
  kubectl(...args: string[]): ChildProcess;
  /** What `kubectl` prints; with what it says of its failure when it fails. */
  output(...args: string[]): Promise<string>;
  /** Runs `fairway` to its end, in the folder. */
  fairway(...args: string[]): Promise<string>;
  /** What `fairway up` has printed since it began. */
  log(): Promise<string>;
  /** What this machine has of the cluster. */
  traces(): Promise<MachineTraces>;
  /** Ends `fairway up` as nobody should. */
  kill(): Promise<void>;
  /** And begins it anew. */
  killAndRestart(): Promise<void>;
}

interface OwnNetworks {
  readonly pods: string;
  readonly services: string;
  readonly loadBalancers: string;
}

/** The image that pods of the cluster have: `busybox`, with a shell and the usual small programs. */
export async function openRealCluster(): Promise<RealCluster> {
  await using started = new DisposalStack();
  const directory = await mkdtemp(join(tmpdir(), 'fairway-real-'));
  started.defer(() => rm(directory, { recursive: true }));
  const addresses = ownNetworks();
  const flags = ['--node=containerd', '--node-name=n1', '--listen=127.0.0.1:0'];
  // However full the disk of the machine is.
  flags.push('--eviction-hard=memory.available<50Mi');
  flags.push(
    `--cluster-cidr=${addresses.pods}`,
    `--service-cluster-ip-range=${addresses.services}`,
    `--load-balancer-cidr=${addresses.loadBalancers}`,
  );
  const fairway = (...words: string[]): RunningProgram =>
    startProgram([...fairwayCommand, ...words], { workingDirectory: directory });
  const toEnd = async (...words: string[]): Promise<string> => {
    const { output, exitCode } = await fairway(...words).ended;
    assert.equal(exitCode, 0, output);
    return output;
  };
  const up = async (): Promise<RunningProgram> => {
    const program = fairway('up', ...flags);
    await program.until('Stop it with');
    return program;
  };
  let running = await up();
  started.defer(async () => {
    running.child.kill('SIGINT');
    await running.ended;
  });
  await writeFile(join(directory, 'busybox.tar'), await busyboxImage('busybox'));
  await toEnd('image', 'load', 'busybox.tar');
  const kubeconfig = join(directory, '.fairway', 'kubeconfig');
  const connected = await connect({ kubeconfig });
  let admin = connected;
  started.defer(() => admin.close());
  await untilReady(admin);
  const all = started.move();
  const kubectl = (...args: string[]): ChildProcess =>
    spawn('kubectl', ['--kubeconfig', kubeconfig, ...args], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    });
  return {
    directory,
    kubeconfig,
    get admin() {
      return admin;
    },
    addresses,
    kubectl,
    async output(...args) {
      const [out, err, code] = await finished(kubectl(...args));
      return code === 0 ? out : `${code}: ${err}`;
    },
    fairway: toEnd,
    log: () => running.until(''),
    traces: () =>
      machineTraces({
        dataDirectory: join(directory, '.fairway'),
        addressPrefixes: Object.values(addresses).map((cidr) => cidr.replace(/(\.0)+\/.*/, '.')),
      }),
    async kill() {
      await running[Symbol.asyncDispose]();
    },
    async killAndRestart() {
      await admin.close();
      const killedMs = Date.now();
      await running[Symbol.asyncDispose]();
      running = await up();
      // The API is on another port now.
      admin = await connect({ kubeconfig });
      await untilReady(admin, killedMs);
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

/** Several run on one machine, each with networks of its own. */
function ownNetworks(): OwnNetworks {
  const second = randomInt(64, 128);
  return {
    pods: `10.${second}.0.0/16`,
    services: `172.31.${second}.0/24`,
    loadBalancers: `10.${second + 64}.0.0/28`,
  };
}

async function untilReady(admin: ConnectedClient, sinceMs = 0): Promise<void> {
  await admin.waitFor(Node, 'n1', (node) => {
    const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime ?? '') > sinceMs;
  });
  await admin.waitFor(ServiceAccount, 'default', (account) => account !== undefined, {
    namespace: 'default',
  });
}
