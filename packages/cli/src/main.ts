import { nodejsBackgroundProcesses, nodejsHost } from '@fairway/host/nodejs';
import { processOutput } from './output/process-output.ts';
import { runCommand } from './run-command.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => stopping.abort(signal));
}
const [file = '', script = '', ...userArguments] = process.argv;
const code = await runCommand(userArguments, {
  host: nodejsHost(),
  output: processOutput(process, { onClosed: () => process.exit(0) }),
  background: nodejsBackgroundProcesses,
  program: { pid: process.pid, file, arguments: [...process.execArgv, script] },
  signal: stopping.signal,
});
process.exit(code);
