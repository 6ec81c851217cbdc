import { constants } from 'node:fs';
import { type FileHandle, chmod, chown, open, readdir } from 'node:fs/promises';
import type { GroupAccess } from './machine-files.ts';
import { openAt, pathOnly } from './nodejs-open-at.ts';

/** A folder deeper than this is an error: each level is held open. */
const depthMax = 200;

const readWrite = 0o660;
/** Of a folder: its group may enter it, and what is made in it is the group's too. */
const folderBits = 0o2110;

/** Does what `MachineFiles.giveToGroup` says. Source: kubelet, fsGroup and fsGroupChangePolicy. */
export async function giveToGroup(directory: string, access: GroupAccess): Promise<void> {
  await using folder = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  const wanted = readWrite | folderBits;
  const { gid, mode } = await folder.stat();
  const isAsWanted = gid === access.groupId && (mode & wanted) === wanted;
  if (access.onlyOnMismatch && isAsWanted) return;
  await giveContents(folder, access, 0);
  // Last, so that what was not finished is found to be so.
  await give(folder, access);
}

async function giveContents(folder: FileHandle, access: GroupAccess, depth: number): Promise<void> {
  if (depth > depthMax) throw new Error(`a volume nests deeper than ${depthMax} folders`);
  for (const name of await readdir(`/proc/self/fd/${folder.fd}`, { encoding: 'buffer' })) {
    const found = await openAt(folder, name, pathOnly);
    if (found === undefined) continue;
    await using entry = found;
    const facts = await entry.stat();
    if (facts.isDirectory()) {
      const opened = await openAt(folder, name, constants.O_RDONLY | constants.O_DIRECTORY);
      if (opened === undefined) continue;
      await using inner = opened;
      await giveContents(inner, access, depth + 1);
    }
    if (!facts.isSymbolicLink()) await give(entry, access);
  }
}

/** By the open file itself: its name may be somebody else's by now. */
async function give(file: FileHandle, { groupId }: GroupAccess): Promise<void> {
  const path = `/proc/self/fd/${file.fd}`;
  const facts = await file.stat();
  const bits = readWrite | (facts.isDirectory() ? folderBits : 0);
  if (facts.gid !== groupId) await chown(path, facts.uid, groupId);
  const mode = facts.mode & 0o7777;
  if ((mode & bits) !== bits || facts.gid !== groupId) await chmod(path, mode | bits);
}
