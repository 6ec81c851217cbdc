import { join } from 'node:path';
import {
  type AttachedCommand,
  type AttachedProcess,
  type AttachedProcesses,
  type Files,
  type MountRequest,
  type NewFile,
  type PrivateFiles,
  type PrivateFolder,
  type PrivateMounts,
  messageOf,
} from '@fairway/host';

/** Files by their path in a volume, or an empty folder to write in. */
export type VolumeContent = ReadonlyMap<string, NewFile> | 'empty';

/** What a program shall find, and where. */
export interface PlacedVolumes {
  readonly volumes: ReadonlyMap<string, VolumeContent>;
  /** `source` is the name of a volume, or a path in one. */
  readonly mounts: readonly MountRequest[];
}

/** Volumes where a program finds them, until disposed of. */
export interface Placement extends AsyncDisposable {
  /** Absent: each volume is mounted where it belongs. Else why not; it is in a folder by its name. */
  readonly elsewhere?: { readonly directory: string; readonly cause: string };
  write(volume: string, content: VolumeContent): Promise<void>;
  /** Starts a program that sees them, to be ended with this process. */
  start(command: AttachedCommand): Promise<AttachedProcess>;
}

export interface PlacingHost {
  readonly files: Files;
  readonly privateFiles: PrivateFiles;
  readonly attached: AttachedProcesses;
}

/** Puts volumes where a program expects them, or, where the system does not let us, in a folder. */
export async function placeVolumes(
  host: PlacingHost,
  { volumes, mounts: requests }: PlacedVolumes,
): Promise<Placement> {
  const outcome = await host.privateFiles.openMounts();
  if (outcome.kind === 'unavailable') return inFolder(host, volumes, outcome.cause);
  const { mounts } = outcome;
  try {
    await writeAll(host.files, mounts.directory, volumes);
    await mounts.mount(requests);
  } catch (error) {
    await mounts[Symbol.asyncDispose]();
    return inFolder(host, volumes, messageOf(error));
  }
  return {
    ...placed(host, mounts),
    start: (command) => host.attached.start(mounts.enter(command)),
  };
}

async function inFolder(
  host: PlacingHost,
  volumes: PlacedVolumes['volumes'],
  cause: string,
): Promise<Placement> {
  const folder = await host.privateFiles.openFolder();
  await writeAll(host.files, folder.directory, volumes);
  return {
    ...placed(host, folder),
    elsewhere: { directory: folder.directory, cause },
    async start(command) {
      const program = await host.attached.start(command);
      folder.watch(program.pid);
      return program;
    },
  };
}

function placed(
  { files }: PlacingHost,
  place: PrivateMounts | PrivateFolder,
): Pick<Placement, 'write' | typeof Symbol.asyncDispose> {
  return {
    write: (volume, content) => writeVolume(files, join(place.directory, volume), content),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

async function writeAll(
  files: Files,
  directory: string,
  volumes: PlacedVolumes['volumes'],
): Promise<void> {
  for (const [name, content] of volumes) await writeVolume(files, join(directory, name), content);
}

async function writeVolume(files: Files, path: string, content: VolumeContent): Promise<void> {
  if (content === 'empty') await files.makeDirectory(path);
  else await files.writeTogether(path, content);
}
