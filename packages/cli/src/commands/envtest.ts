import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { writePrograms } from '../envtest/write-programs.ts';
import { quotedPath } from '../quoted-path.ts';
import { findProgram } from '../run/find-program.ts';

export interface EnvtestFlags {
  readonly print: string;
}

/** Writes the programs that test environments start, and tells how they find them. */
export async function envtest(
  { host, output, program }: CommandContext,
  folder: string,
  { print }: EnvtestFlags,
): Promise<void> {
  const { files, environment } = host;
  if (print !== 'env' && print !== 'path') {
    throw new CommandError(`cannot print ${JSON.stringify(print)}: it is env or path`);
  }
  if (environment.platform === 'win32') {
    throw new CommandError('envtest has no programs for Windows yet; use WSL (docs/gaps.md)');
  }
  const directory = resolve(environment.workingDirectory, folder);
  const kubectl = await kubectlOutside(host, directory);
  await writePrograms(files, directory, { program, kubectl });
  if (kubectl === undefined) {
    await output.writeError('warning: there is no kubectl in PATH: tests that use it fail\n');
  }
  const shown = quotedPath(directory);
  await output.write(print === 'path' ? `${directory}\n` : `export KUBEBUILDER_ASSETS=${shown}\n`);
}

/** Not the one that an earlier run has written. */
async function kubectlOutside(
  { files, environment }: CommandContext['host'],
  directory: string,
): Promise<string | undefined> {
  const { variables, workingDirectory } = environment;
  const folders = (variables['PATH'] ?? '').split(':');
  const others = folders.filter((each) => resolve(workingDirectory, each) !== directory).join(':');
  const elsewhere = { ...environment, variables: { ...variables, PATH: others } };
  const found = await findProgram({ files, environment: elsewhere }, 'kubectl');
  return found.kind === 'found' ? resolve(workingDirectory, found.path) : undefined;
}
