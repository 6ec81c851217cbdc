import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ImageFile, type NewImage, imageLayout } from '@fairway/node-agent';
import { packPackages } from './check-package.ts';

const root = path.join(import.meta.dirname, '../..');
const outputFolder = path.join(root, 'dist/ambassador-image');

/** An image in a folder. */
interface WrittenImage {
  readonly folder: string;
  readonly name: string;
  /** All files of the folder. */
  readonly bytes: number;
}

/**
 * Writes an OCI layout of `fairway ambassador` for this machine's architecture, out of what was built. Built from the
 * same files it has the same bytes. Errors: throws where this is no Linux with `ldd`.
 */
export async function writeAmbassadorImage(folder: string = outputFolder): Promise<WrittenImage> {
  const image = await ambassadorImage();
  const files = await imageLayout(image);
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'blobs/sha256'), { recursive: true });
  for (const { path: name, bytes } of files) await writeFile(path.join(folder, name), bytes);
  return {
    folder,
    name: image.name,
    bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

/** V8 as small as it serves: see bench/README.md, The ambassador. */
export const ambassadorNodeFlags = [
  '--max-semi-space-size=1',
  '--no-turbofan',
  '--no-concurrent-recompilation',
] as const;

/** In the image. */
const modules = 'app/node_modules';

async function ambassadorImage(): Promise<NewImage> {
  const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  const architecture = architectures[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    throw new Error(
      `cannot make an image on ${process.platform}-${process.arch}: it holds the Node.js and libraries of a Linux machine, x64 or arm64`,
    );
  }
  const files = [...(await nodeFiles()), ...(await publishedFiles())];
  const { version } = await readManifest(path.join(root, 'packages/cli'));
  return {
    name: `docker.io/fairway/ambassador:${version}`,
    architecture,
    files: withFolders(files),
    config: {
      Entrypoint: [
        '/usr/bin/node',
        ...ambassadorNodeFlags,
        `/${modules}/fairway/bin/fairway.js`,
        'ambassador',
      ],
      // Nobody's, by number, so that a cluster can see that it is not root's.
      User: '65532:65532',
      WorkingDir: '/',
    },
    isCompressed: true,
  };
}

/** Node.js as the clone has it, its licence, and the libraries that it loads. */
async function nodeFiles(): Promise<readonly ImageFile[]> {
  const home = path.join(root, 'node_modules', `node-linux-${process.arch}`);
  const node = path.join(home, 'bin/node');
  const { stdout } = await promisify(execFile)('ldd', [node]);
  const libraries = [...stdout.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, at = '']) => at);
  return await Promise.all([
    fileOf('usr/bin/node', node, 0o755),
    fileOf('usr/share/doc/node/LICENSE', path.join(home, 'LICENSE')),
    ...libraries.map((library) => fileOf(library.slice(1), library, 0o755)),
  ]);
}

/** What npm would install for somebody who asks for `fairway`, but for types and texts. */
async function publishedFiles(): Promise<readonly ImageFile[]> {
  const folders = await installedPackages();
  const packed = await packPackages(
    folders.filter((folder) => path.dirname(folder) === workspaces),
  );
  const published = new Map(packed.map(({ name, files }) => [name, files]));
  const files = await Promise.all(
    folders.map(async (folder) => {
      const { name } = await readManifest(folder);
      const paths = published.get(name)?.map((file) => file.path) ?? filesIn(folder);
      return paths.map((file) => ({ folder, name, file }));
    }),
  );
  return await Promise.all(
    files
      .flat()
      .filter(({ file }) => !/\.(?:d\.[cm]?ts|map|md)$/.test(file))
      .map(({ folder, name, file }) =>
        fileOf(`${placeOf(folder, name)}/${file}`, path.join(folder, file)),
      ),
  );
}

const workspaces = path.join(root, 'packages');

/** Libraries stay where npm has put them, since one may be there in two versions. */
function placeOf(folder: string, name: string): string {
  const isOwn = path.dirname(folder) === workspaces;
  return isOwn
    ? `${modules}/${name}`
    : path.join(path.dirname(modules), path.relative(root, folder));
}

/** The folders of `fairway` and of all that it depends on. */
async function installedPackages(): Promise<readonly string[]> {
  const found = new Set<string>();
  const add = async (folder: string): Promise<void> => {
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies = {} } = await readManifest(folder);
    for (const name of Object.keys(dependencies)) await add(folderOf(name, folder));
  };
  await add(path.join(workspaces, 'cli'));
  return [...found];
}

/** Where Node.js finds a package that the one in a folder depends on. */
function folderOf(name: string, dependent: string): string {
  for (let at = dependent; at.startsWith(root); at = path.dirname(at)) {
    const folder = path.join(at, 'node_modules', name);
    if (existsSync(folder)) return realpathSync(folder);
  }
  throw new Error(`${name}, which ${dependent} needs, is not installed: npm ci`);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('node_modules/'));
}

async function fileOf(imagePath: string, source: string, mode = 0o644): Promise<ImageFile> {
  return { path: imagePath, kind: 'file', bytes: await readFile(source), mode };
}

/** In the order of their paths, after the folders that they are in. */
function withFolders(files: readonly ImageFile[]): readonly ImageFile[] {
  const all = new Map(files.map((file) => [file.path, file]));
  for (const { path: name } of files) {
    for (let at = path.dirname(name); at !== '.'; at = path.dirname(at)) {
      all.set(at, { path: at, kind: 'directory', mode: 0o755 });
    }
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;
}
