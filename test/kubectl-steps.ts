import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import type { InstalledKubectl } from './installed-kubectls.ts';
import type { OpenCluster } from './open-cluster.ts';

/** One command of a story, and what it prints to either of its outputs. */
export interface Step {
  /** Words, or a list of them where one holds spaces. */
  readonly run: string | readonly string[];
  readonly prints: RegExp;
  /** 0 unless told. */
  readonly exit?: number;
  /** The first 1.x that can do it, or says it so: older ones ask for versions that are gone. */
  readonly since?: number;
  /** What `kubectl edit` opens. */
  readonly editor?: string;
}

/** Who runs steps: a kubectl, in a cluster and in one of its namespaces. */
export interface Teller {
  readonly open: OpenCluster;
  readonly kubectl: InstalledKubectl;
  readonly namespace?: string;
}

/** A teller with a namespace that nobody else has: `v1-33`. */
export async function inOwnNamespace(teller: Teller): Promise<Teller & { namespace: string }> {
  const namespace = `v${teller.kubectl.version.replace('.', '-')}`;
  const own = { ...teller, namespace };
  await runStep(own, { run: `create ns ${namespace}`, prints: /created/ });
  // Pods need it; the controller that makes it for every namespace may be faster.
  await call(own, ['create', 'sa', 'default']);
  return own;
}

/** Runs steps, each as a test. `NS` in one is the namespace of the teller. */
export async function tellSteps(
  t: TestContext,
  teller: Teller,
  steps: readonly Step[],
): Promise<void> {
  const minor = Number(teller.kubectl.version.split('.')[1]);
  for (const step of steps) {
    if ((step.since ?? 0) > minor) continue;
    const name = typeof step.run === 'string' ? step.run : step.run.join(' ');
    await t.test(name, () => runStep(teller, step));
  }
}

/** Runs one, and holds what it prints and how it ends against what the step says. */
export async function runStep(
  teller: Teller,
  { run, prints, exit = 0, editor }: Step,
): Promise<void> {
  const { namespace = '' } = teller;
  const words = (typeof run === 'string' ? run.split(' ') : run).map((word) =>
    word.replace('NS', namespace),
  );
  const { code, output } = await call(teller, words, editor);
  const expected = new RegExp(prints.source.replace('NS', namespace), prints.flags);
  assert.match(output, expected);
  assert.equal(code, exit, output);
}

function call(
  { open, kubectl, namespace }: Teller,
  words: readonly string[],
  editor = 'false',
): Promise<{ readonly code: number; readonly output: string }> {
  // After `--` everything belongs to the container.
  const flags = namespace === undefined ? [] : ['--namespace', namespace];
  return new Promise((resolve) => {
    const options = {
      cwd: open.directory,
      env: { ...environmentOf(open), KUBE_EDITOR: editor },
      timeout: 30_000,
    };
    execFile(kubectl.file, [...flags, ...words], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: withoutSkewWarning(stdout + stderr) });
    });
  });
}

/** The variables of whoever uses the cluster. */
export function environmentOf(open: OpenCluster): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  // None lives long enough to be worth collecting the garbage of.
  const GOGC = 'off';
  return { PATH, HOME: open.directory, KUBECONFIG: open.cluster.kubeconfig, GOGC };
}

function withoutSkewWarning(output: string): string {
  return output.replace(/^WARNING: version difference between client .*\n/m, '');
}
