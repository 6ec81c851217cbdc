import {
  nodejsAttachedProcesses,
  nodejsBackgroundProcesses,
  nodejsMachineFiles,
  nodejsMemory,
  nodejsPrivateFiles,
  nodejsSignals,
  nodejsTerminal,
} from '@fairway/host/machine';
import { boundBacktracking, nodejsHost } from '@fairway/host/nodejs';
import { commandSpelling } from './command-spelling.ts';
import { processOutput } from './output/process-output.ts';
import { runCommand } from './run-command.ts';

/** Signals so close together count as one: a terminal and a launcher may both pass on Ctrl-C. */
const oneWishMs = 1_000;

// The proxy matches requests of strangers against regular expressions that its user wrote.
boundBacktracking();
const stopping = new AbortController();
let askedAtMs: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (nodejsSignals.isTaken) return;
    const nowMs = performance.now();
    askedAtMs ??= nowMs;
    if (nowMs - askedAtMs > oneWishMs) process.exit(130);
    stopping.abort(signal);
  });
}
const [file = '', script = '', ...userArguments] = process.argv;
const code = await runCommand(userArguments, {
  host: nodejsHost(),
  output: processOutput(process, { onClosed: () => process.exit(0) }),
  // Node.js opens it when it is first named.
  input: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
  background: nodejsBackgroundProcesses,
  attached: nodejsAttachedProcesses,
  machineFiles: nodejsMachineFiles,
  privateFiles: nodejsPrivateFiles,
  memory: nodejsMemory,
  signals: nodejsSignals,
  terminal: nodejsTerminal,
  program: {
    pid: process.pid,
    command: commandSpelling(process.env),
    file,
    arguments: [...process.execArgv, script],
  },
  signal: stopping.signal,
});
process.exit(code);
