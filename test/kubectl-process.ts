import type { ChildProcess } from 'node:child_process';

/** Output, errors and exit code of a process, when it has ended. */
export async function finished(child: ChildProcess): Promise<[string, string, number | null]> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => (out += String(chunk)));
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return [out, err, code];
}

/** The local port that `kubectl port-forward` says it listens on. */
export function forwardedPort(child: ChildProcess): Promise<number> {
  let out = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      out += String(chunk);
      const port = /127\.0\.0\.1:(\d+)/.exec(out)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.stderr?.on('data', (chunk) => (out += String(chunk)));
    child.once('close', () => reject(new Error(`kubectl ended: ${out}`)));
  });
}
