import { join } from 'node:path';
import { CommandNotFoundError } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';

/** An object as text, before and after. */
export interface TextPair {
  /** `v1.ConfigMap.default.a` */
  readonly name: string;
  readonly live: string;
  readonly merged: string;
}

/** Prints how texts differ, as `diff -u` does. */
export async function printUnified(
  { output }: CommandContext,
  pairs: readonly TextPair[],
): Promise<void> {
  const { createTwoFilesPatch } = await import('diff');
  for (const { name, live, merged } of pairs) {
    const [from, to] = [`LIVE/${name}`, `MERGED/${name}`];
    const text = createTwoFilesPatch(from, to, live, merged, undefined, undefined, { context: 3 });
    const lines = text.split('\n').filter((line) => !/^={10,}$/.test(line));
    await output.write(`diff -u -N ${from} ${to}\n${lines.join('\n')}`);
  }
}

/**
 * Gives the texts to the program of KUBECTL_EXTERNAL_DIFF, in two folders that nobody else reads and that go
 * afterwards. Answers its exit code. Errors: `CommandError` where there is no such program.
 */
export async function runExternal(
  { host, output, privateFiles, signal }: CommandContext,
  program: string,
  pairs: readonly TextPair[],
): Promise<number> {
  const [file = '', ...flags] = program.split(' ').filter((word) => word !== '');
  await using folder = await privateFiles.openFolder();
  const [live, merged] = [join(folder.directory, 'LIVE'), join(folder.directory, 'MERGED')];
  for (const directory of [live, merged])
    await host.files.makeDirectory(directory, { mode: 0o700 });
  for (const pair of pairs) {
    await host.files.write(join(live, pair.name), Buffer.from(pair.live), { mode: 0o600 });
    await host.files.write(join(merged, pair.name), Buffer.from(pair.merged), { mode: 0o600 });
  }
  // What is printed comes one after the other.
  let printing = Promise.resolve();
  try {
    const { exitCode } = await host.processes.run(
      {
        file,
        arguments: [...flags, live, merged],
        environment: host.environment.variables,
        input: 'none',
        errors: 'in-output',
        outputBytesMax: Infinity,
        onOutput: (chunk) => {
          printing = printing.then(() => output.write(chunk));
        },
        timeoutMs: Infinity,
      },
      signal,
    );
    await printing;
    return exitCode;
  } catch (cause) {
    if (!(cause instanceof CommandNotFoundError)) throw cause;
    throw new CommandError(
      `KUBECTL_EXTERNAL_DIFF=${program}: there is no program ${file}; name another one, or unset it`,
      { cause },
    );
  }
}
