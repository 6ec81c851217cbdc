import { resolve } from 'node:path';
import {
  ImageFolder,
  ImageNameError,
  fullImageName,
  goArchitecture,
  imageContents,
  loadImages,
  parseImageReference,
} from '@fairway/node-agent';
import { clustersElsewhere } from '../cluster/clusters-elsewhere.ts';
import { imageDirectory } from '../local-node/local-node-place.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { ColumnWidths } from '../output/column-widths.ts';
import { quotedPath } from '../quoted-path.ts';

interface ImageFlags {
  readonly dataDir: string;
}

/**
 * Takes the images of an archive into a data directory. A cluster that runs there has them at once.
 *
 * Errors: `ImageError`; `CommandError` where there is no cluster but another place has one.
 */
export async function loadImage(
  context: CommandContext,
  path: string,
  flags: ImageFlags & { readonly name?: string },
): Promise<void> {
  const { host, output } = context;
  const folder = await imageFolder(context, flags);
  const loaded = await loadImages(folder, {
    path: resolve(host.environment.workingDirectory, path),
    architecture: goArchitecture(host.environment),
    ...(flags.name === undefined ? {} : { name: flags.name }),
  });
  for (const { name } of loaded) await output.write(`Loaded ${name}.\n`);
}

/** Prints what was loaded: names, digests, platforms and sizes. */
export async function listImages(context: CommandContext, flags: ImageFlags): Promise<void> {
  const folder = await imageFolder(context, flags);
  const rows: string[][] = [];
  for (const { name, descriptor } of await folder.images()) {
    const { platforms, sizeBytes } = await imageContents(folder, descriptor);
    const digest = descriptor.digest.slice('sha256:'.length, 'sha256:'.length + 12);
    rows.push([name, digest, platforms.join(','), shownSize(sizeBytes)]);
  }
  if (rows.length === 0) {
    return context.output.writeError(
      `No images were loaded into ${folder.directory}; \`${context.program.command} image load FILE\` does.\n`,
    );
  }
  const header = ['NAME', 'DIGEST', 'PLATFORM', 'SIZE'];
  await context.output.write(new ColumnWidths().align([header, ...rows]));
}

/** Forgets images. Errors: `CommandError` when one of them is not there; then all are kept. */
export async function removeImages(
  context: CommandContext,
  names: readonly string[],
  flags: ImageFlags,
): Promise<void> {
  const folder = await imageFolder(context, flags);
  const wanted = names.map(wholeName);
  await folder.change(async (change) => {
    for (const name of wanted) {
      if (!change.remove(name)) {
        throw new CommandError(`no image ${name} was loaded; \`fairway image ls\` lists them`);
      }
    }
  });
  for (const name of wanted) await context.output.write(`Removed ${name}.\n`);
}

async function imageFolder(
  { host, background }: CommandContext,
  flags: ImageFlags,
): Promise<ImageFolder> {
  const directory = resolve(host.environment.workingDirectory, flags.dataDir);
  if ((await host.files.stat(directory)) === undefined) {
    const [other] = await clustersElsewhere({ host, background }, directory);
    if (other !== undefined) {
      throw new CommandError(
        `there is no cluster in ${directory}, but one runs on ${other}; name it with --data-dir ${quotedPath(other)}`,
      );
    }
  }
  return new ImageFolder({ ...host, directory: imageDirectory(directory) });
}

function wholeName(name: string): string {
  try {
    return fullImageName(parseImageReference(name));
  } catch (error) {
    if (!(error instanceof ImageNameError)) throw error;
    throw new CommandError(`${JSON.stringify(name)} is not the name of an image: ${error.message}`);
  }
}

function shownSize(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
