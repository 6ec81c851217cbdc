import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, Terminal } from '@fairway/host';
import {
  nodejsAttachedProcesses,
  nodejsBackgroundProcesses,
  nodejsMachineFiles,
  nodejsMemory,
  nodejsPrivateFiles,
  nodejsSignals,
} from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { commandSpelling } from '../src/command-spelling.ts';
import type { CommandContext } from '../src/command-context.ts';
import { runCommand } from '../src/run-command.ts';

/** What a command printed. */
export interface Printed {
  readonly out: string;
  readonly err: string;
}

/** A command that is running; disposing of it interrupts it. */
export interface RunningCommand extends AsyncDisposable {
  /** Resolves with what was printed as soon as `text` is in it. Rejects when the command ends before. */
  until(text: string): Promise<Printed>;
  /** What Ctrl-C does. */
  interrupt(): void;
  readonly ended: Promise<Printed & { readonly exitCode: number }>;
}

/** A user at a machine of their own: a folder to work in, and no variables but those given. */
export interface CommandLine {
  readonly host: Host;
  run(...words: readonly string[]): Promise<Printed & { readonly exitCode: number }>;
  start(...words: readonly string[]): RunningCommand;
}

export function commandLine(
  workingDirectory: string,
  variables: Readonly<Record<string, string>> = {},
  parts: Partial<CommandContext> = {},
): CommandLine {
  const real = nodejsHost();
  const environment = { ...real.environment, variables, workingDirectory };
  const host: Host = { ...real, environment };
  const start = (...words: readonly string[]): RunningCommand => startCommand(host, words, parts);
  return { host, start, run: (...words) => start(...words).ended };
}

function startCommand(
  host: Host,
  words: readonly string[],
  parts: Partial<CommandContext>,
): RunningCommand {
  const stopping = new AbortController();
  const command = commandSpelling(host.environment.variables);
  const printed = { out: '', err: '' };
  let wake = (): void => {};
  const take = (where: 'out' | 'err', text: string | Uint8Array): Promise<void> => {
    printed[where] += typeof text === 'string' ? text : Buffer.from(text).toString();
    wake();
    return Promise.resolve();
  };
  const context: CommandContext = {
    host,
    output: {
      write: (text) => take('out', text),
      writeError: (text) => take('err', text),
      writeStyled: (text) => take('out', text),
      passOn: take,
      hasColors: false,
    },
    input: nothing,
    background: nodejsBackgroundProcesses,
    attached: nodejsAttachedProcesses,
    machineFiles: nodejsMachineFiles,
    privateFiles: nodejsPrivateFiles,
    memory: nodejsMemory,
    signals: nodejsSignals,
    terminal: noTerminal,
    program: { pid: process.pid, command, file: process.execPath, arguments: [] },
    signal: stopping.signal,
    ...parts,
  };
  const ended = runCommand(words, context).then((exitCode) => ({ ...printed, exitCode }));
  const hasEnded = ended.then(() => 'ended' as const);
  return {
    ended,
    interrupt: () => stopping.abort('SIGINT'),
    async [Symbol.asyncDispose]() {
      stopping.abort('SIGINT');
      await ended;
    },
    async until(text) {
      while (!`${printed.out}${printed.err}`.includes(text)) {
        const woken = new Promise<'woken'>((resolve) => (wake = () => resolve('woken')));
        if ((await Promise.race([woken, hasEnded])) === 'ended') {
          throw new Error(`ended without ${JSON.stringify(text)}: ${JSON.stringify(printed)}`);
        }
      }
      return { ...printed };
    },
  };
}

/** A folder that goes with the block it is declared in. */
export async function scratchFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-cli-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const noTerminal: Terminal = {
  hasInput: false,
  size: () => undefined,
  onResize: () => ({ [Symbol.dispose]() {} }),
  takeKeys: () => ({ [Symbol.dispose]() {} }),
};

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};
