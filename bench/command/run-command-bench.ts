import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedKubectls } from '../../test/installed-kubectls.ts';
import { installedProgram } from '../server/published-program.ts';
import { percentile } from '../server/load/percentile.ts';
import { startClusterProcess } from '../server/server-process.ts';

const rounds = 15;
const podCount = 100;

/**
 * Measures what somebody waits for who types `fairway get pods`, as it is published: the newest kubectl of the
 * PATH, ours, and Node.js alone take turns, each with what it keeps between two starts (kubectl its discovery,
 * Node.js its compiled code). Needs the program `time`.
 */
export async function runCommandBench(): Promise<void> {
  const kubectl = (await installedKubectls()).at(-1);
  if (kubectl === undefined) throw new Error('kubectl is not on the PATH');
  const { launcher } = await installedProgram();
  const directory = mkdtempSync(join(tmpdir(), 'fairway-bench-'));
  try {
    const compileCache = join(directory, 'compile-cache');
    await using cluster = await startClusterProcess({ directory, compileCache });
    const variables = { KUBECONFIG: cluster.kubeconfig, HOME: directory };
    const run = (...words: readonly string[]): Sample => measure(words, variables, directory);
    const ours = [process.execPath, launcher];
    writeFileSync(join(directory, 'pods.json'), JSON.stringify(pods()));
    run(kubectl.file, 'create', '-f', join(directory, 'pods.json'));
    const runs: Readonly<Record<string, readonly string[]>> = {
      [`kubectl ${kubectl.version} get pods`]: [kubectl.file, 'get', 'pods'],
      'fairway get pods': [...ours, 'get', 'pods'],
      'fairway --version': [...ours, '--version'],
      'node -e 0': [process.execPath, '-e', '0'],
    };
    const samples = Object.keys(runs).map(() => [] as Sample[]);
    for (let round = -1; round < rounds; round++) {
      for (const [at, words] of Object.values(runs).entries()) {
        const sample = run(...words);
        if (round >= 0) samples[at]?.push(sample);
      }
    }
    for (const [at, name] of Object.keys(runs).entries()) print(name, samples[at] ?? []);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Sample {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMegabytes: number;
}

function measure(
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
  directory: string,
): Sample {
  const report = join(directory, 'time');
  const startedMs = performance.now();
  const ran = spawnSync('time', ['-f', '%U %S %M', '-o', report, ...words], {
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  });
  const wallMs = performance.now() - startedMs;
  requireSuccess(words, ran);
  const [user = 0, system = 0, kilobytes = 0] = readFileSync(report, 'utf8').split(' ').map(Number);
  return { wallMs, cpuMs: (user + system) * 1_000, peakMegabytes: kilobytes / 1024 };
}

function requireSuccess(words: readonly string[], ran: SpawnSyncReturns<string>): void {
  if (ran.error !== undefined) throw ran.error;
  if (ran.status !== 0) throw new Error(`${words.join(' ')}: ${ran.stderr}`);
}

function print(name: string, samples: readonly Sample[]): void {
  const median = (of: (sample: Sample) => number): string =>
    percentile(samples.map(of), 0.5).toFixed(0);
  const least = Math.min(...samples.map(({ wallMs }) => wallMs)).toFixed(0);
  console.log(
    `${name.padEnd(24)} ${median(({ wallMs }) => wallMs)} ms (least ${least}), CPU ${median(({ cpuMs }) => cpuMs)} ms, ${median(({ peakMegabytes }) => peakMegabytes)} MB`,
  );
}

function pods(): object {
  const items = Array.from({ length: podCount }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'example.com/main' }] },
  }));
  return { apiVersion: 'v1', kind: 'List', items };
}
