import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { nodejsHost } from '@fairway/host/nodejs';
import { ImageFolder, goArchitecture, loadImages } from '@fairway/node-agent';
import { busyboxImage } from '@fairway/node-agent/testing';
import { type RunningProgram, fairwayCommand, startProgram } from '../fairway-process.ts';
import { type ClusterMarks, markOf } from '../machine-traces.ts';
import { churnImage } from './pod-stories.ts';

/** `fairway up` with a node that runs containers, in a process that may be killed at any time. */
export class ChurnedCluster implements AsyncDisposable {
  readonly marks: ClusterMarks;
  readonly #directory: string;
  #running: { readonly program: RunningProgram; readonly client: ConnectedClient } | undefined;

  /** `network` is the second byte of every address. */
  static async open(network: number): Promise<ChurnedCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-churn-'));
    const cluster = new ChurnedCluster(directory, network);
    await cluster.#loadImage();
    return cluster;
  }

  private constructor(directory: string, network: number) {
    this.#directory = directory;
    this.marks = { dataDirectory: join(directory, 'data'), addressPrefixes: [`10.${network}.`] };
  }

  get client(): ConnectedClient {
    if (this.#running === undefined) throw new Error('the cluster does not run');
    return this.#running.client;
  }

  async start(): Promise<void> {
    const { dataDirectory, addressPrefixes } = this.marks;
    const kubeconfig = join(this.#directory, 'kubeconfig');
    const flags = {
      'data-dir': dataDirectory,
      listen: '127.0.0.1:0',
      kubeconfig,
      node: 'containerd',
      'node-name': 'n1',
      // However full the disk of the machine is.
      'eviction-hard': 'memory.available<50Mi',
      'cluster-cidr': `${addressPrefixes[0]}0.0/17`,
      'service-cluster-ip-range': `${addressPrefixes[0]}128.0/24`,
    };
    const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const program = startProgram([...fairwayCommand, 'up', ...words], {
      environment: { NODE_COMPILE_CACHE: join(this.#directory, 'compiled') },
    });
    void program.ended.then(({ output }) => writeFile(this.#logFile, output, { flag: 'a' }));
    await program.until('Stop it with');
    this.#running = { program, client: await connect({ kubeconfig }) };
  }

  /** Ends the agent and the API server without a chance to clean up. */
  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.program[Symbol.asyncDispose]();
    await running?.client.close();
  }

  /** Ends containerd; its containers go on. False: there is none now. */
  async killContainerd(): Promise<boolean> {
    try {
      const record = await readFile(`/run/${markOf(this.marks)}/containerd.json`, 'utf8');
      return process.kill((JSON.parse(record) as { readonly pid: number }).pid, 'SIGKILL');
    } catch {
      return false;
    }
  }

  /** Ends containerd while it is coming up. */
  async killFirstContainerd(): Promise<void> {
    while (!(await this.killContainerd())) await pause(5);
  }

  /** What `fairway down` says. */
  async down(): Promise<{ readonly output: string; readonly exitCode: number | null }> {
    const { dataDirectory } = this.marks;
    if (this.#running === undefined) await this.start();
    const running = this.#running;
    const program = startProgram([...fairwayCommand, 'down', `--data-dir=${dataDirectory}`]);
    const outcome = await program.ended;
    const up = await running?.program.ended;
    await this.kill();
    return { ...outcome, output: `${outcome.output}${up?.output ?? ''}` };
  }

  /** What the processes of the cluster have said; whole once they have ended. */
  async log(): Promise<string> {
    return readFile(this.#logFile, 'utf8').catch(() => '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    // What is mounted there still is told of by whoever looks for what is left.
    await rm(this.#directory, { recursive: true, force: true }).catch(() => undefined);
  }

  get #logFile(): string {
    return join(this.#directory, 'log');
  }

  async #loadImage(): Promise<void> {
    const host = nodejsHost();
    const path = join(this.#directory, 'busybox.tar');
    await writeFile(path, await busyboxImage(churnImage));
    await mkdir(this.marks.dataDirectory, { mode: 0o700 });
    const directory = join(this.marks.dataDirectory, 'images');
    const architecture = goArchitecture(host.environment);
    await loadImages(new ImageFolder({ ...host, directory }), { path, architecture });
  }
}
