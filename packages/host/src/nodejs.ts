/** The real machine, as Node.js sees it. Made by entry points only. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  chown,
  lstat,
  mkdir,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Clock } from './clock.ts';
import type { Environment } from './environment.ts';
import { type Files, FileTooLargeError, fileBytesMax } from './files.ts';
import type { Host } from './host.ts';
import { type Logger, silentLogger } from './logger.ts';
import { codeOf, undefinedWhenAbsent } from './nodejs-system-errors.ts';
import { type Command, CommandNotFoundError, type CommandResult } from './processes.ts';
import type { Random } from './random.ts';

export { boundBacktracking } from './nodejs-regular-expressions.ts';

export function nodejsHost(options: { logger?: Logger } = {}): Host {
  return {
    clock: systemClock,
    random: systemRandom,
    files: nodejsFiles,
    processes: {
      run: runCommand,
      figures: async () => (await lateProcesses()).processFigures(),
    },
    environment: nodejsEnvironment(),
    logger: options.logger ?? silentLogger,
  };
}

/** Beyond this, Node.js would run a timer at once. */
const timerMsMax = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, run, { keepsAlive = false } = {}) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), timerMsMax));
    if (!keepsAlive) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
};

function nodejsEnvironment(): Environment {
  return {
    variables: process.env,
    platform: process.platform,
    architecture: process.arch,
    workingDirectory: process.cwd(),
    hostName: hostname(),
    addresses: reachableAddresses(),
    isInteractive: process.stdin.isTTY === true,
    utcOffsetMinutes: (atMs) => 0 - new Date(atMs).getTimezoneOffset(),
  };
}

function reachableAddresses(): readonly string[] {
  // The machine's end of a pair that leads into a container has an address for that container only.
  return Object.entries(networkInterfaces())
    .flatMap(([name, addresses = []]) => (name.startsWith('veth') ? [] : addresses))
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
}

// What few programs ask for is loaded for those.
const lateFiles = () => import('./nodejs-late-files.ts');
const lateProcesses = () => import('./nodejs-late-processes.ts');

export const nodejsFiles: Files = {
  read: (path, { bytesMax = fileBytesMax } = {}) => readBounded(path, bytesMax),

  readEnd: async (path, end) => (await lateFiles()).readEnd(path, end),
  readParts: async (path) => (await lateFiles()).readParts(path),

  async write(path, bytes, { mode = 0o644 } = {}) {
    const target = await targetOf(path);
    const draft = `${target}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      await writeFile(draft, bytes, { mode, flush: true });
      await keepOwner(draft, target);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  },

  async createExclusively(path, bytes, { mode = 0o644 } = {}) {
    try {
      await writeFile(path, bytes, { mode, flag: 'wx' });
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  },

  lock: async (path) => (await import('./nodejs-file-lock.ts')).lockFile(path),

  writeTogether: async (directory, files) => (await lateFiles()).writeTogether(directory, files),

  openLines: async (path, options) => (await lateFiles()).openLines(path, options, systemClock),

  remove: (path) => rm(path, { force: true }),

  async makeDirectory(path, { mode = 0o755 } = {}) {
    await mkdir(path, { recursive: true, mode });
  },

  async stat(path) {
    const facts = await undefinedWhenAbsent(stat(path));
    return facts === undefined
      ? undefined
      : {
          isDirectory: facts.isDirectory(),
          sizeBytes: facts.size,
          modifiedMs: facts.mtimeMs,
          mode: facts.mode & 0o7777,
        };
  },
};

// With `sudo` a file of somebody else would become one that they cannot read any more.
async function keepOwner(draft: string, target: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const facts = await undefinedWhenAbsent(stat(target));
  if (facts !== undefined) await chown(draft, facts.uid, facts.gid);
}

/** The file at the end of symbolic links, also of those that point to nothing yet. */
async function targetOf(path: string): Promise<string> {
  const existing = await undefinedWhenAbsent(realpath(path));
  if (existing !== undefined) return existing;
  const facts = await undefinedWhenAbsent(lstat(path));
  if (facts?.isSymbolicLink() !== true) return path;
  return targetOf(resolve(dirname(path), await readlink(path)));
}

/** Character devices and pipes have no size, so it is counted while it is read. */
async function readBounded(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
  const opened = await undefinedWhenAbsent(open(path));
  if (opened === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for (;;) {
      const { bytesRead, buffer } = await opened.read(Buffer.allocUnsafe(readChunkBytes));
      if (bytesRead === 0) return Buffer.concat(chunks);
      sizeBytes += bytesRead;
      if (sizeBytes > bytesMax) throw new FileTooLargeError(path, bytesMax);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await opened.close();
  }
}

const readChunkBytes = 64 * 1024;

/** Loaded late: most programs run no other one. */
async function runCommand(command: Command, signal?: AbortSignal): Promise<CommandResult> {
  const { runToEnd } = await lateProcesses();
  return runToEnd(command, {
    notFound: (cause) => new CommandNotFoundError(command.file, { cause }),
    ...(signal === undefined ? {} : { signal }),
  });
}
