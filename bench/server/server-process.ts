import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServerAddress, openSession, requestText } from './load/session.ts';
import { cpuMsOf } from './process-usage.ts';

/** The launcher of `fairway`. */
export const fairway = join(import.meta.dirname, '../../packages/cli/bin/fairway.js');
/** What Node.js runs, and its flags. */
export interface Program {
  readonly launcher: string;
  readonly nodeFlags: readonly string[];
}

/** The sources, as `npm start` runs them. */
export const sourceProgram: Program = {
  launcher: fairway,
  nodeFlags: [
    '--conditions=@fairway/source',
    '--disable-warning=ExperimentalWarning',
    '--max-semi-space-size=8',
  ],
};
const serverVariables = { MALLOC_ARENA_MAX: '1' };
const startMsMax = 30_000;

/** A server in a process of its own, which is measured from outside. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly address: ServerAddress;
  /** Of its administrator. */
  readonly kubeconfig: string;
  /** From the start of the process to the first `/readyz` that says ok. */
  readonly readyMs: number;
  /** The CPU time that it took until then. */
  readonly readyCpuMs: number;
  /** Ends it without a chance to clean up. */
  kill(): Promise<void>;
}

export interface ClusterPlace {
  /** Holds the data; what lies there is used again. */
  readonly directory: string;
  /** Where Node.js keeps compiled code between starts. */
  readonly compileCache: string;
  /** `sourceProgram` when absent. */
  readonly program?: Program;
  /** For Node.js, beside those of the program: `--cpu-prof`, say. */
  readonly nodeFlags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** For `fairway up`, beside where it listens and keeps its data. */
  readonly flags?: readonly string[];
}

/** Runs `fairway up` on a free port. Errors: says what the process printed when it does not start. */
export async function startClusterProcess(place: ClusterPlace): Promise<ServerProcess> {
  const { directory, compileCache, environment = {}, flags = [] } = place;
  const { program: { launcher, nodeFlags } = sourceProgram } = place;
  const kubeconfig = join(directory, `kubeconfig-${process.hrtime.bigint()}`);
  const log = join(directory, 'log');
  const where = ['--data-dir', directory, '--listen', '127.0.0.1:0', '--kubeconfig', kubeconfig];
  const up = ['up', '--node', 'none', ...where, ...flags];
  mkdirSync(directory, { recursive: true });
  const output = openSync(log, 'a');
  const startedMs = performance.now();
  const withFlags = [...nodeFlags, ...(place.nodeFlags ?? []), launcher, ...up];
  const child = spawn(process.execPath, withFlags, {
    stdio: ['ignore', output, output],
    env: {
      ...serverVariables,
      ...process.env,
      ...environment,
      NODE_COMPILE_CACHE: compileCache,
    },
  });
  closeSync(output);
  while (!existsSync(kubeconfig)) {
    if (child.exitCode !== null || performance.now() - startedMs > startMsMax) {
      child.kill();
      throw new Error(`fairway up did not start:\n${readFileSync(log, 'utf8')}`);
    }
    await sleep(1);
  }
  const address = addressIn(directory, kubeconfig);
  await expectReady(address);
  return serverProcess(child, { address, kubeconfig }, performance.now() - startedMs);
}

/** Runs a plain `node:http2` server that sends the bytes of a file, with the cluster's certificate. */
export async function startPlainProcess(
  address: ServerAddress,
  listFile: string,
): Promise<ServerProcess> {
  const startedMs = performance.now();
  const script = join(import.meta.dirname, 'plain-server.ts');
  const child = spawn(process.execPath, [script, address.directory, listFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const plain = { ...address, url: `https://127.0.0.1:${port.toString().trim()}` };
  return serverProcess(child, { address: plain, kubeconfig: '' }, performance.now() - startedMs);
}

function serverProcess(
  child: ChildProcess,
  place: Pick<ServerProcess, 'address' | 'kubeconfig'>,
  readyMs: number,
): ServerProcess {
  const { pid = 0 } = child;
  return {
    pid,
    ...place,
    readyMs,
    readyCpuMs: cpuMsOf(pid),
    kill: () => end(child, 'SIGKILL'),
    [Symbol.asyncDispose]: () => end(child, 'SIGTERM'),
  };
}

/** Ends a process, if it runs, and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

function addressIn(directory: string, kubeconfig: string): ServerAddress {
  const url = /server: (\S+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? '';
  return { directory, url };
}

async function expectReady(address: ServerAddress): Promise<void> {
  await using session = await openSession(address);
  const { status, text } = await requestText(session.http2, { path: '/readyz' });
  if (status !== 200) throw new Error(`/readyz of a cluster that said it is ready: ${text}`);
}
