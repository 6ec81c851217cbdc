import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program under `examples/` that runs on its own, as a reader would run it. */
export interface RunningExample extends AsyncDisposable {
  /** The next line that it prints and `matches`. Errors: throws when it ends before. */
  nextLine(matches: RegExp): Promise<string>;
}

/** Starts an example on the sources, with nothing but `environment` and PATH from outside. */
export function runExample(
  file: string,
  options: { readonly environment: Record<string, string>; readonly arguments?: readonly string[] },
): RunningExample {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@fairway/source',
      '--disable-warning=ExperimentalWarning',
      file,
      ...(options.arguments ?? []),
    ],
    {
      cwd: new URL('..', import.meta.url),
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async nextLine(matches) {
      const seen: string[] = [];
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
        if (matches.test(next.value)) return next.value;
        seen.push(next.value);
      }
      throw new Error(
        `${file} ended without a line like ${matches}: ${seen.join(' | ')} ${errors}`,
      );
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
