import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The command line of `fairway` on this Node, without its launcher. */
export const fairwayCommand: readonly [string, ...string[]] = [
  process.execPath,
  '--conditions=@fairway/source',
  '--disable-warning=ExperimentalWarning',
  join(root, 'packages/cli/src/main.ts'),
];

/** A program that runs; disposing of it kills it. */
export interface RunningProgram extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves with everything printed, as soon as `text` is in it. Rejects when it ends before. */
  until(text: string): Promise<string>;
  readonly ended: Promise<{ readonly output: string; readonly exitCode: number | null }>;
}

/** Starts a program and keeps what it prints, on both ways. */
export function startProgram(
  [file, ...words]: readonly [string, ...string[]],
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly workingDirectory?: string;
  } = {},
): RunningProgram {
  const { workingDirectory: cwd = '/', environment } = options;
  const variables = { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment };
  const child = spawn(file, words, { cwd, env: variables, stdio: 'pipe' });
  let output = '';
  let wake = (): void => {};
  const take = (chunk: Buffer): void => {
    output += String(chunk);
    wake();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.stdin.on('error', () => {});
  let hasEnded = false;
  const ended = new Promise<{ output: string; exitCode: number | null }>((resolve) => {
    child.once('close', (exitCode) => {
      hasEnded = true;
      wake();
      resolve({ output, exitCode });
    });
  });
  return {
    child,
    ended,
    async until(text) {
      while (!output.includes(text)) {
        if (hasEnded) throw new Error(`ended without ${JSON.stringify(text)}: ${output}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return output;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
