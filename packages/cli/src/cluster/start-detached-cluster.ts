import { type BackgroundProcess, sleep } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { type ReadyCluster, findRunningCluster, logFileOf } from './data-directory.ts';
import { takeDataDirectory } from './take-data-directory.ts';
import type { UpFlags } from './up-flags.ts';
import { serverNodeFlags, serverVariables } from '../server-process.ts';

/** How often is looked whether the cluster is ready. */
const lookEveryMs = 20;
/** After so long something is wrong. */
const readyWithinMs = 60_000;

/**
 * Starts a cluster that goes on when this program ends, and waits until it is ready.
 *
 * Errors: `CommandError` with what the cluster said when it failed.
 */
export async function startDetachedCluster(
  context: CommandContext,
  flags: UpFlags & { readonly kubeconfig: string },
): Promise<ReadyCluster> {
  const { host, background, program } = context;
  const directory = flags.dataDir;
  const logFile = logFileOf(directory);
  // Makes the folder, and says at once when somebody has it.
  const place = { dataDirectory: directory, kubeconfig: flags.kubeconfig };
  await (await takeDataDirectory(context, place))[Symbol.asyncDispose]();
  const logBytesBefore = (await host.files.stat(logFile))?.sizeBytes ?? 0;
  const child = await background.start({
    file: program.file,
    arguments: argumentsOf(program, flags),
    environment: { ...serverVariables, ...host.environment.variables },
    workingDirectory: host.environment.workingDirectory,
    logFile,
  });
  const outcome = await waitUntilReady(context, child, directory);
  if (outcome !== undefined) return outcome;
  const said = { skippedBytes: logBytesBefore, bytesMax: logBytesMax };
  throw new CommandError(failureIn(await host.files.readEnd(logFile, said), logFile));
}

/** What is read of the log: a cluster says last why it failed. */
const logBytesMax = 64 * 1024;

/** The flags as they were given, spelled again; only `--detach` is not for the cluster itself. */
export function argumentsOf(
  program: Pick<CommandContext['program'], 'arguments'>,
  { detach: _, scheduler = true, ...flags }: UpFlags,
): readonly string[] {
  const given = Object.entries(flags) as [string, string | boolean | readonly string[]][];
  return [
    ...serverNodeFlags,
    ...program.arguments,
    'up',
    ...(scheduler ? [] : ['--no-scheduler']),
    ...given.flatMap(([key, value]) => spellFlag(key, value)),
  ];
}

function spellFlag(key: string, value: string | boolean | readonly string[]): readonly string[] {
  const flag = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (typeof value === 'string') return [`${flag}=${value}`];
  if (typeof value === 'boolean') return value ? [flag] : [];
  return value.map((each) => `${flag}=${each}`);
}

// Undefined when the process ended before it was ready.
async function waitUntilReady(
  { host, background, signal }: CommandContext,
  child: BackgroundProcess,
  directory: string,
): Promise<ReadyCluster | undefined> {
  let hasEnded = false;
  void child.ended.then(() => (hasEnded = true));
  const deadlineMs = host.clock.elapsed() + readyWithinMs;
  while (!hasEnded) {
    const running = await findRunningCluster({ ...host, background }, directory);
    const { url, kubeconfig, pods } = running ?? {};
    if (running?.pid === child.pid && url !== undefined && kubeconfig !== undefined) {
      return { url, kubeconfig, ...(pods === undefined ? {} : { pods }) };
    }
    if (signal.aborted || host.clock.elapsed() > deadlineMs) {
      background.signal(child.pid, 'SIGTERM');
      if (signal.aborted) throw new CommandError('interrupted; the cluster was stopped again');
      throw new CommandError(
        `the cluster was not ready within ${readyWithinMs / 1000} s; ${logFileOf(directory)} says why`,
      );
    }
    await sleep(host.clock, lookEveryMs);
  }
  return undefined;
}

function failureIn(log: Uint8Array | undefined, logFile: string): string {
  const lines = Buffer.from(log ?? [])
    .toString()
    .split('\n');
  const failure = lines.findLast((line) => line.startsWith('error: '));
  return failure?.slice('error: '.length) ?? `the cluster ended at once; ${logFile} says why`;
}
