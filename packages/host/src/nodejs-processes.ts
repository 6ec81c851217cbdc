import { type ChildProcess, spawn } from 'node:child_process';
import type { Command, CommandResult } from './processes.ts';

/** A command that has ended may leave its output open to its children for so long. */
const leftoverMs = 1_000;
/** Who was asked to end and does not is killed after so long. */
const killAfterMs = 2_000;

/** Does what `Processes.run` says, on this machine; `notFound` makes its error of that name. */
export function runToEnd(
  command: Command,
  { signal, notFound }: { signal?: AbortSignal; notFound: (cause: Error) => Error },
): Promise<CommandResult> {
  const { file, outputBytesMax, timeoutMs } = command;
  // A group of its own can be ended as a whole. What talks to a person needs the terminal's group.
  const isGroup = command.input !== 'inherit' && process.platform !== 'win32';
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...command.arguments], {
      env: command.environment,
      stdio: [inputOf(command), 'pipe', command.errors === 'in-output' ? 'pipe' : 'inherit'],
      detached: isGroup,
    });
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let isOver = false;
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(deadline);
      clearTimeout(leftover);
      signal?.removeEventListener('abort', onAbort);
      forgetAtExit(onExit);
      child.stdout?.destroy();
      child.stderr?.destroy();
      endGroup(child, isGroup);
      settle();
    };
    const fail = (error: unknown): void => end(() => reject(error as Error));
    const onAbort = (): void => fail(signal?.reason);
    const onExit = (): void => void kill(child, isGroup, 'SIGKILL');
    const late = (): void => fail(new Error(`${file} did not end within ${timeoutMs} ms`));
    const deadline = timeoutMs === Infinity ? undefined : setTimeout(late, timeoutMs);
    let leftover: NodeJS.Timeout | undefined;
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    doAtExit(onExit);
    if (typeof command.input === 'object') {
      // Who ends without reading it all tells by its code what it thinks of that.
      child.stdin?.on('error', () => {});
      child.stdin?.end(command.input.text);
    }
    const collect = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      if (sizeBytes <= outputBytesMax) chunks.push(chunk);
      else fail(new Error(`${file} printed more than ${outputBytesMax} bytes`));
    };
    const { onOutput: take = collect } = command;
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('error', (error) => {
      const isAbsent = 'code' in error && error.code === 'ENOENT';
      fail(isAbsent ? notFound(error) : error);
    });
    const finish = (code: number | null, signalName: string | null): void => {
      if (code === null) fail(new Error(`${file} was ended by ${signalName}`));
      else end(() => resolve({ exitCode: code, output: Buffer.concat(chunks) }));
    };
    child.once('close', finish);
    // Its children may hold the output open for as long as they live.
    child.once('exit', (code, signalName) => {
      leftover = setTimeout(() => finish(code, signalName), leftoverMs);
    });
  });
}

function inputOf({ input }: Command): 'inherit' | 'ignore' | 'pipe' {
  if (typeof input === 'object') return 'pipe';
  return input === 'inherit' ? 'inherit' : 'ignore';
}

/** What is to be done when this process exits; one listener for all, as Node.js wants few. */
const atExit = new Set<() => void>();

function exit(): void {
  for (const run of atExit) run();
}

function doAtExit(run: () => void): void {
  if (atExit.size === 0) process.once('exit', exit);
  atExit.add(run);
}

function forgetAtExit(run: () => void): void {
  atExit.delete(run);
  if (atExit.size === 0) process.off('exit', exit);
}

// Children that it left behind are of its group, too.
function endGroup(child: ChildProcess, isGroup: boolean): void {
  if (!kill(child, isGroup, 'SIGTERM')) return;
  setTimeout(() => kill(child, isGroup, 'SIGKILL'), killAfterMs).unref();
}

/** Answers whether there was somebody to tell. */
function kill(child: ChildProcess, isGroup: boolean, signal: NodeJS.Signals): boolean {
  if (child.pid === undefined) return false;
  if (!isGroup) return child.exitCode === null && child.signalCode === null && child.kill(signal);
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false; // All of them have ended.
  }
}
