import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { DisposalStack } from '@fairway/host';
import { Node, ServiceAccount } from '@fairway/kinds/core/v1';
import { busyboxImage } from '@fairway/node-agent/testing';
import { type RunningProgram, fairwayCommand, startProgram } from './fairway-process.ts';
import { finished } from './kubectl-process.ts';

/** The cluster of `fairway up --node containerd` in a folder of its own, as its user has it. */
export interface RealCluster extends AsyncDisposable {
  readonly directory: string;
  readonly kubeconfig: string;
  readonly admin: ConnectedClient;
  readonly addresses: { readonly pods: string; readonly services: string };
  kubectl(...args: string[]): ChildProcess;
  /** What `kubectl` prints; with what it says of its failure when it fails. */
  output(...args: string[]): Promise<string>;
  /** Runs `fairway` to its end, in the folder. */
  fairway(...args: string[]): Promise<string>;
  /** What `fairway up` has printed since it began. */
  log(): Promise<string>;
  /** What this machine has of the cluster, by what it is; nothing is a list without entries. */
  traces(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Ends `fairway up` as nobody should, and begins it anew. */
  killAndRestart(): Promise<void>;
}

/** The image that pods of the cluster have: `busybox`, with a shell and the usual small programs. */
export async function openRealCluster(): Promise<RealCluster> {
  await using started = new DisposalStack();
  const directory = await mkdtemp(join(tmpdir(), 'fairway-real-'));
  started.defer(() => rm(directory, { recursive: true }));
  const addresses = ownNetworks();
  const flags = ['--node=containerd', '--node-name=n1', '--listen=127.0.0.1:0'];
  flags.push(
    `--cluster-cidr=${addresses.pods}`,
    `--service-cluster-ip-range=${addresses.services}`,
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
    traces: () => tracesOf(directory, addresses),
    async killAndRestart() {
      await admin.close();
      const killedMs = Date.now();
      await running[Symbol.asyncDispose]();
      running = await up();
      // On another port, as is the kubelet once the node has told of it.
      admin = await connect({ kubeconfig });
      await untilReady(admin, killedMs);
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

/** Several run on one machine, each with networks of its own. */
function ownNetworks(): { readonly pods: string; readonly services: string } {
  const second = randomInt(64, 128);
  return { pods: `10.${second}.0.0/16`, services: `172.31.${second}.0/24` };
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

/** Looks wherever a cluster in a folder may have left something. */
async function tracesOf(
  directory: string,
  { pods, services }: RealCluster['addresses'],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const digest = createHash('sha256').update(join(directory, '.fairway')).digest('hex');
  const name = `fairway-${digest.slice(0, 8)}`;
  const isOurs = (line: string): boolean => line.includes(name) || line.includes(directory);
  const run = async (file: string, ...words: string[]): Promise<readonly string[]> =>
    (await promisify(execFile)(file, words)).stdout.split('\n');
  const [podPrefix, servicePrefix] = [pods, services].map((each) => each.replace(/\.0\/.*/, '.'));
  const within = (line: string): boolean =>
    [podPrefix, servicePrefix].some((prefix) => line.includes(` ${prefix}`));
  const folders = await readdir('/sys/fs/cgroup');
  const cgroups = await Promise.all(
    folders.map((each) => readdir(join('/sys/fs/cgroup', each)).catch(() => [])),
  );
  return {
    mounts: (await readFile('/proc/mounts', 'utf8')).split('\n').filter(isOurs),
    addresses: (await run('ip', '-o', 'address')).filter(within),
    routes: (await run('ip', 'route')).filter((line) => within(` ${line}`)),
    tables: (await run('nft', 'list', 'tables')).filter(isOurs),
    cgroups: [...folders, ...cgroups.flat()].filter(isOurs),
    sockets: (await readdir('/run')).filter(isOurs),
    programs: (await run('ps', '-eo', 'args')).filter(isOurs),
  };
}
