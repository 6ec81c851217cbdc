import { execFile, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type {
  BackgroundCommand,
  BackgroundProcess,
  BackgroundProcesses,
} from './background-processes.ts';
import { codeOf } from './nodejs-system-errors.ts';

/** Background processes as Node.js and the system's process table offer them. */
export const nodejsBackgroundProcesses: BackgroundProcesses = { start, identityOf, signal };

async function start(command: BackgroundCommand): Promise<BackgroundProcess> {
  await using log = await open(command.logFile, 'a', 0o600);
  const child = spawn(command.file, [...command.arguments], {
    cwd: command.workingDirectory,
    env: command.environment,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { pid } = await new Promise<{ pid: number }>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve({ pid: child.pid ?? 0 }));
  });
  child.unref();
  return { pid, ended };
}

async function identityOf(pid: number): Promise<string | undefined> {
  if (!isRunning(pid)) return undefined;
  return (await identityFromProc(pid)) ?? (await identityFromPs(pid));
}

// The 22nd field of `stat` is when the process started, in ticks since boot; a zombie has ended.
async function identityFromProc(pid: number): Promise<string | undefined> {
  try {
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${bootId}/${pid}/${fields[19]}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}

async function identityFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    const started = stdout.trim();
    return started === '' ? undefined : `${started}/${pid}`;
  } catch (error) {
    // `ps` answers 1 for a process that does not exist.
    if (codeOf(error) === 1) return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
