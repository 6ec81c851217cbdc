import { execFile } from 'node:child_process';
import { constants, type Stats, watch } from 'node:fs';
import {
  chmod,
  mkdir,
  open,
  readFile,
  readdir,
  realpath,
  rmdir,
  stat,
  statfs,
} from 'node:fs/promises';
import { promisify } from 'node:util';
import { FileTooLargeError } from './files.ts';
import type { FileEntry, MachineFiles, MountPoint } from './machine-files.ts';
import { folderUsage } from './nodejs-folder-usage.ts';
import { giveToGroup } from './nodejs-group-access.ts';
import { removeTree } from './nodejs-remove-tree.ts';
import { bindSource } from './nodejs-bind-source.ts';
import { placeWithin } from './nodejs-place-within.ts';
import { codeOf, undefinedWhenAbsent } from './nodejs-system-errors.ts';
import { toolPath } from './tool-path.ts';

/** Source: statfs(2). */
const tmpfsType = 0x0102_1994;
const ramfsType = 0x8584_58f6;

/** The files of this machine, and its mounts by the programs of util-linux. */
export const nodejsMachineFiles: MachineFiles = {
  async entry(path) {
    const facts = await undefinedWhenAbsent(stat(path));
    return facts === undefined ? undefined : entryOf(facts);
  },
  list: async (directory) => (await undefinedWhenAbsent(readdir(directory))) ?? [],
  watch: watchFolder,
  async makeDirectory(directory, mode) {
    await mkdir(directory, { recursive: true });
    await chmod(directory, mode);
  },
  async overwrite(path, bytes, mode) {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    await using file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
    await file.writeFile(bytes);
    if (((await file.stat()).mode & 0o7777) !== mode) await file.chmod(mode);
  },
  removeTree,
  usage: folderUsage,
  async removeDirectory(directory) {
    try {
      await rmdir(directory);
      return true;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') return true;
      if (code === 'ENOTEMPTY' || code === 'EBUSY') return false;
      throw error;
    }
  },
  giveToGroup,
  mounts: readMounts,
  async mountsWithin(directory) {
    const real = await undefinedWhenAbsent(realpath(directory));
    if (real === undefined) return [];
    const isWithin = (path: string): boolean => path === real || path.startsWith(`${real}/`);
    return (await readMounts()).filter(({ path }) => isWithin(path)).reverse();
  },
  async isInMemory(directory) {
    const { type } = await statfs(directory);
    return type === tmpfsType || type === ramfsType;
  },
  async mountMemory(target, { mode, bytesMax }) {
    await mkdir(target, { recursive: true });
    const size = bytesMax === undefined ? [] : [`size=${bytesMax}`];
    const options = [`mode=${mode.toString(8)}`, ...size].join();
    await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', target]);
  },
  async bindWithin(directory, subPath, target) {
    await using source = await bindSource(directory, subPath);
    await source.makeTarget(target);
    // Any other way to name it could lead elsewhere by the time of the mount.
    await run('mount', ['--no-canonicalize', '--bind', source.path, target]);
  },
  readWithin,
  async fileSystem(path) {
    const { bsize, blocks, bavail, files, ffree } = await statfs(path);
    return {
      sizeBytes: blocks * bsize,
      freeBytes: bavail * bsize,
      inodes: files,
      freeInodes: ffree,
    };
  },
  unmount: (target) => run('umount', ['--no-canonicalize', target]),
};

async function readWithin(
  directory: string,
  path: string,
  { bytesMax }: { readonly bytesMax: number },
): Promise<Uint8Array | undefined> {
  const found = await placeWithin(directory, path, { makesFolders: false });
  if (found === undefined) return undefined;
  await using place = found;
  // Before it is opened: a pipe would never answer.
  if (!(await place.stat()).isFile()) throw new Error(`${path} is no file`);
  await using file = await open(`/proc/self/fd/${place.fd}`);
  const bytes = Buffer.alloc(bytesMax + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length);
    length += bytesRead;
    if (length > bytesMax) throw new FileTooLargeError(path, bytesMax);
    if (bytesRead === 0) return bytes.subarray(0, length);
  }
}

/** Errors: throws with what the program said. */
async function run(file: string, args: readonly string[]): Promise<void> {
  try {
    const env = { PATH: toolPath(process.env['PATH']), LC_ALL: 'C' };
    await promisify(execFile)(file, [...args], { env, timeout: 30_000 });
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') {
      throw new Error(`there is no program ${file}; install the package mount (util-linux)`, {
        cause,
      });
    }
    const words = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new Error(`${file} ${args.join(' ')}: ${words || String(cause)}`, { cause });
  }
}

function entryOf(facts: Stats): FileEntry {
  return { kind: kindOf(facts), mode: facts.mode & 0o7777, userId: facts.uid, groupId: facts.gid };
}

function kindOf(facts: Stats): FileEntry['kind'] {
  if (facts.isFile()) return 'file';
  if (facts.isDirectory()) return 'directory';
  if (facts.isSocket()) return 'socket';
  if (facts.isCharacterDevice()) return 'character-device';
  return facts.isBlockDevice() ? 'block-device' : 'other';
}

async function readMounts(): Promise<readonly MountPoint[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Source: proc_pid_mountinfo(5). */
function parseMounts(text: string): readonly MountPoint[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const [, , , , path = '', own = '', ...tags] = before.split(' ');
      const [type = '', , ofFiles = ''] = after.split(' ');
      const has = (tag: string): boolean => tags.some((each) => each.startsWith(`${tag}:`));
      return {
        path: unescaped(path),
        type,
        propagation: has('shared') ? 'shared' : has('master') ? 'slave' : 'private',
        options: [...own.split(','), ...ofFiles.split(',')],
      };
    });
}

function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

function watchFolder(directory: string, onChange: () => void): Disposable {
  try {
    const watcher = watch(directory, { persistent: false }, () => onChange());
    watcher.on('error', () => watcher.close());
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    return { [Symbol.dispose]() {} };
  }
}
