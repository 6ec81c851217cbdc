import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type {
  AttachedCommand,
  AttachedProcess,
  AttachedProcesses,
  ProcessEnd,
} from './attached-processes.ts';

/** Attached processes of this machine. They are of the group of this one, which has the terminal. */
export const nodejsAttachedProcesses: AttachedProcesses = { start };

async function start(command: AttachedCommand): Promise<AttachedProcess> {
  const child = spawn(command.file, [...command.arguments], {
    cwd: command.workingDirectory,
    env: command.environment,
    stdio: 'inherit',
  });
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ kind: 'exited', code: code ?? 1 });
      else resolve({ kind: 'killed', signal: constants.signals[signal] });
    });
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  return { pid, ended, signal: (name) => void child.kill(name) };
}
