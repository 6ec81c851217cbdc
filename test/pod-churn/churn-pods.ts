import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { isNotFound } from '@fairway/client';
import { seededRandom } from '@fairway/host/testing';
import { ConfigMap, Pod, Secret } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { ChurnedCluster } from './churned-cluster.ts';
import { allMachineTraces, processesOfPod } from '../machine-traces.ts';
import { type PodStory, podStories, settingsName } from './pod-stories.ts';

export interface ChurnOptions {
  readonly seed: number;
  readonly rounds: number;
  /** How many pods there are at once. */
  readonly podsMax: number;
  /** The second byte of the addresses; nobody else of this machine has it. */
  readonly network: number;
  readonly say?: (line: string) => void;
}

/** What went wrong, and what the cluster said. */
export interface ChurnOutcome {
  readonly problems: readonly string[];
  readonly log: string;
}

/** How long pods have to become what their specs ask for once nothing is killed any more. */
const settleMsMax = 90_000;
/** What is left may be about to end. */
const goneMsMax = 10_000;
const lookMs = 200;
/** Between two things that happen. */
const betweenMs = 700;

/**
 * Lets pods come and go while the agent, the API server and containerd are killed, and looks whether every pod
 * ends as its spec asks and nothing is left on the machine. What happens is drawn from the seed.
 */
export async function churnPods(options: ChurnOptions): Promise<ChurnOutcome> {
  await using cluster = await ChurnedCluster.open(options.network);
  const before = await allMachineTraces(cluster.marks);
  if (before.length > 0) throw new Error(`the network is taken: ${before.join(', ')}`);
  const problems: string[] = [];
  await cluster.start();
  const churn = new Churn(cluster, options);
  try {
    await cluster.killFirstContainerd();
    await churn.prepare();
    for (let round = 1; round <= options.rounds; round++) await churn.round(round);
    problems.push(...(await churn.settled()));
  } catch (error) {
    problems.push(`the churn broke off: ${inspect(error)}`);
  }
  const { exitCode, output } = await cluster.down();
  if (exitCode !== 0) problems.push(`down: ${output}`);
  problems.push(...(await leftovers(cluster)).map((trace) => `left after down: ${trace}`));
  return { problems, log: await cluster.log() };
}

async function leftovers({ marks }: ChurnedCluster): Promise<readonly string[]> {
  const deadlineMs = performance.now() + goneMsMax;
  for (;;) {
    const left = await allMachineTraces(marks);
    if (left.length === 0 || performance.now() > deadlineMs) return left;
    await pause(lookMs);
  }
}

class Churn {
  readonly #cluster: ChurnedCluster;
  readonly #options: ChurnOptions;
  readonly #random;
  readonly #stories = new Map<string, PodStory>();
  #made = 0;

  constructor(cluster: ChurnedCluster, options: ChurnOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async prepare(): Promise<void> {
    const { client } = this.#cluster;
    const metadata = { name: settingsName, namespace: 'default' };
    await client.create(ConfigMap, { metadata, data: { key: 'value' } });
    await client.create(Secret, { metadata, stringData: { key: 'value' } });
  }

  async round(round: number): Promise<void> {
    const { say = () => undefined } = this.#options;
    const said: string[] = [];
    for (let step = this.#below(3); step >= 0; step--) said.push(await this.#step());
    await pause(this.#below(betweenMs));
    said.push(await this.#fault());
    say(`round ${round}: ${said.filter((each) => each !== '').join(', ')}`);
  }

  /** What is not as it should be once there was time for it; empty: all is. */
  async settled(): Promise<readonly string[]> {
    const deadlineMs = performance.now() + settleMsMax;
    for (;;) {
      const problems = await this.#problems();
      if (problems.length === 0 || performance.now() > deadlineMs) return problems;
      await pause(lookMs);
    }
  }

  async #problems(): Promise<readonly string[]> {
    const pods = await this.#pods();
    const problems = [...this.#stories].flatMap(([name, story]) => {
      const pod = pods.find(({ metadata }) => metadata?.name === name);
      if (pod === undefined) return [`${name} is gone`];
      return story.isAsAsked(pod) ? [] : [`${name} is not as asked: ${JSON.stringify(pod.status)}`];
    });
    const strangers = pods.filter(({ metadata }) => !this.#stories.has(metadata?.name ?? ''));
    problems.push(...strangers.map(({ metadata }) => `${metadata?.name} is still there`));
    return problems.length > 0 ? problems : await this.#machineProblems(pods);
  }

  /** Where the machine has something else than the pods that are to be there. */
  async #machineProblems(pods: readonly DeepReadonly<Pod>[]): Promise<readonly string[]> {
    const { marks } = this.#cluster;
    const networks = [...this.#stories.values()].filter(({ hasNetwork }) => hasNetwork).length;
    const traces = await allMachineTraces(marks);
    const count = (pattern: RegExp): number => traces.filter((each) => pattern.test(each)).length;
    const problems: string[] = [];
    const expect = (what: string, found: number, wanted: number): void => {
      if (found !== wanted) problems.push(`${found} ${what} where there should be ${wanted}`);
    };
    expect('networks', count(/^mount .*\/netns\//), networks);
    const known = new Set(pods.map(({ metadata }) => metadata?.uid));
    for (const [, uid] of traces.flatMap((each) => [/\/pods\/([^/]+)/.exec(each) ?? []])) {
      if (uid !== undefined && !known.has(uid)) problems.push(`a mount of ${uid}, which is gone`);
    }
    return problems;
  }

  async #step(): Promise<string> {
    const { podsMax } = this.#options;
    const isFull = this.#stories.size >= podsMax;
    const chance = this.#random.fraction();
    if (this.#stories.size === 0 || (chance < 0.55 && !isFull)) return this.#create();
    return chance < 0.85 ? this.#delete() : this.#killInside();
  }

  async #create(): Promise<string> {
    const kinds = Object.keys(podStories);
    const kind = this.#oneOf(kinds);
    const story = podStories[kind] as PodStory;
    const name = `${kind}-${++this.#made}`;
    await this.#cluster.client.create(Pod, {
      metadata: { name, namespace: 'default', labels: { story: kind } },
      spec: story.spec,
    });
    this.#stories.set(name, story);
    return `+${name}`;
  }

  async #delete(): Promise<string> {
    const name = this.#oneOf([...this.#stories.keys()]);
    const gracePeriodSeconds = this.#oneOf([undefined, 0, 2]);
    await this.#cluster.client.delete(Pod, name, {
      namespace: 'default',
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    });
    this.#stories.delete(name);
    return `-${name}`;
  }

  /** Ends a program of a pod, or what holds its network. */
  async #killInside(): Promise<string> {
    const names = [...this.#stories].flatMap(([name, { survivesKills }]) =>
      survivesKills ? [name] : [],
    );
    if (names.length === 0) return '';
    const name = this.#oneOf(names);
    const pod = await this.#cluster.client
      .get(Pod, name, { namespace: 'default' })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
        return undefined;
      });
    const pids = await processesOfPod(pod?.metadata?.uid ?? '');
    if (pids.length === 0) return '';
    const pid = this.#oneOf(pids);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    return `killed ${pid} of ${name}`;
  }

  async #fault(): Promise<string> {
    const chance = this.#random.fraction();
    if (chance < 0.6) return '';
    const isContainerdKilled = chance < 0.85 && (await this.#cluster.killContainerd());
    const said = isContainerdKilled ? 'KILL containerd' : '';
    if (chance < 0.72) return said;
    await pause(this.#below(betweenMs));
    await this.#cluster.kill();
    await pause(this.#below(betweenMs));
    await this.#cluster.start();
    return `${said} KILL process`;
  }

  async #pods(): Promise<readonly DeepReadonly<Pod>[]> {
    return (await this.#cluster.client.list(Pod, { namespace: 'default' }).all()).items;
  }

  #below(max: number): number {
    return Math.floor(this.#random.fraction() * max);
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[this.#below(values.length)] as T;
  }
}
