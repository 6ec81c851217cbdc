import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { skipWithoutContainerd } from '@fairway/node-agent/testing';
import { suggestPort } from '@fairway/serving/testing';
import { installRuntime } from '../tools/install-runtime.ts';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openRealCluster } from './real-cluster.ts';
import { runGuide } from './run-guide.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..');
/** Building, packing and installing take half a minute of CPU. */
const publishedTimeoutMs = 400_000;

test(
  'the packed packages work on the oldest Node.js and on ours',
  {
    timeout: publishedTimeoutMs,
  },
  async (t) => {
    const oldest = await installOldestNode(t);
    if (oldest === undefined) return;
    await using project = await installPacked();
    const earlier: string[] = [];
    for (const node of [oldest, process.execPath]) {
      const version = (await run(node, ['--version'])).stdout.trim();
      await t.test(`every module can be loaded on ${version}`, () =>
        loadEveryModule(project, node),
      );
      await t.test(`fairway up, get and down, and a client, on ${version}`, async () => {
        const said = await useCluster(project, node);
        // Data of another version are there too.
        assert.equal(said, ['ADDED', ...earlier, version].join(' '));
      });
      await t.test(`openTestCluster() on ${version}`, async () => {
        assert.equal(await runProgram(project, { node, text: testProgram }), 'kept');
      });
      earlier.push(version);
    }
  },
);

const skip = (await skipWithoutContainerd()) || (await skipWithoutKubectl(30));

// In this file, as it builds in the same place.
test(
  'docs/guides/ambassador.md says how the image of the ambassador is made and what it does',
  { skip, timeout: publishedTimeoutMs },
  async () => {
    await using cluster = await openRealCluster();
    const [port, healthPort] = [await suggestPort(), await suggestPort()];
    await runGuide('ambassador', cluster.directory, (guide) =>
      guide
        .replaceAll('npm run', `npm --prefix ${root} run`)
        .replaceAll('dist/ambassador-image', path.join(root, 'dist/ambassador-image'))
        .replaceAll('--health-address 127', `--port ${port} --health-address 127`)
        .replaceAll('127.0.0.1:8001', `127.0.0.1:${port}`)
        .replaceAll('127.0.0.1:8002', `127.0.0.1:${healthPort}`),
    );
    await expectWholeImage(path.join(root, 'dist/ambassador-image'));
  },
);

/** Every blob of an OCI layout is named by what is in it, and of the size that is said. */
async function expectWholeImage(folder: string): Promise<void> {
  const blobOf = async ({ digest, size }: Descriptor): Promise<Buffer> => {
    const bytes = await readFile(path.join(folder, 'blobs', digest.replace(':', '/')));
    assert.deepEqual([digest, size], [digestOf(bytes), bytes.length]);
    return bytes;
  };
  const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as Index;
  assert.equal(index.manifests.length, 1);
  const manifest = JSON.parse(
    String(await blobOf(index.manifests[0] ?? assert.fail())),
  ) as Manifest;
  const config = JSON.parse(String(await blobOf(manifest.config))) as {
    readonly config: { readonly User: string };
    readonly rootfs: { readonly diff_ids: readonly string[] };
  };
  assert.equal(config.config.User, '65532:65532');
  const layers = await Promise.all(manifest.layers.map(blobOf));
  const unpacked = layers.map((bytes) => gunzipSync(bytes));
  assert.deepEqual(config.rootfs.diff_ids, unpacked.map(digestOf));
  // The manifest, its configuration and the layers, and nothing that none of them names.
  assert.equal(globSync('blobs/sha256/*', { cwd: folder }).length, 2 + layers.length);
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

interface Index {
  readonly manifests: readonly Descriptor[];
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function installOldestNode(t: TestContext): Promise<string | undefined> {
  const name = `node-${process.platform}-${process.arch}`;
  const npmPackage = `${name}@22.18.0`;
  try {
    return await installRuntime({ npmPackage, file: `${name}/bin/node` });
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    t.skip(`${npmPackage} cannot be installed here: ${String(error)}`);
    return undefined;
  }
}

/** A folder of somebody who installed Fairway, and nothing else. */
interface Project extends AsyncDisposable {
  readonly folder: string;
}

async function installPacked(): Promise<Project> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fairway-packed-'));
  const project = {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  try {
    // Fails when something is wrong with a package, and says what.
    const [pack = '', install = ''] = blocksOfReadme('bash');
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
    await shell(root, pack.replaceAll('../', `${folder}/`));
    await shell(folder, install.replaceAll('../', './'));
  } catch (error) {
    await project[Symbol.asyncDispose]();
    throw error;
  }
  return project;
}

/** What README.md tells who wants Fairway in a project of their own. */
function blocksOfReadme(language: string): readonly string[] {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, section = ''] = text.split('## In your own project');
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/```(\w+)\n([^]*?)```/g)].flatMap(([, each, block = '']) =>
    each === language ? [block] : [],
  );
}

async function shell(cwd: string, commands: string): Promise<void> {
  const quiet = {
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_loglevel: 'error',
  };
  await run('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd,
    env: { ...process.env, ...quiet },
    maxBuffer: 2 ** 26,
  });
}

// Commands load their parts late, so that running some of them proves little of the others.
async function loadEveryModule({ folder }: Project, node: string): Promise<void> {
  const files = globSync('node_modules/{fairway,@fairway/*}/dist/**/*.js', { cwd: folder })
    .filter((file) => !/(\/main|\/pod-shim|-worker)\.js$/.test(file))
    .map((file) => pathToFileURL(path.join(folder, file)).href);
  assert.ok(files.length > 150, `${files.length} modules`);
  const text = `for (const file of ${JSON.stringify(files)}) await import(file); console.log('loaded');`;
  assert.equal(await runProgram({ folder }, { node, text }), 'loaded');
}

/** Answers what the client's program says. */
async function useCluster(project: Project, node: string): Promise<string> {
  const fairway = async (...words: readonly string[]): Promise<string> => {
    const options = { cwd: project.folder, env: environmentOf(project, node) };
    const { stdout, stderr } = await run('node_modules/.bin/fairway', words, options);
    assert.equal(stderr, '');
    return stdout;
  };
  let said = '';
  let stopped = '';
  try {
    await fairway('up', '--node', 'none', '-d', '--listen', '127.0.0.1:0');
    assert.match(await fairway('get', 'namespaces', '-o', 'name'), /^namespace\/default$/m);
    const [hello = ''] = blocksOfReadme('js');
    assert.match(await runProgram(project, { node, text: hello }), /^default kube-node-lease /);
    said = await runProgram(project, { node, text: clientProgram });
  } finally {
    stopped = await fairway('down');
  }
  assert.match(stopped, /^Stopped the cluster/);
  assert.match(await fairway('store', 'check'), / is whole: \d+ objects\.$/m);
  assert.equal(await runProgram(project, { node, text: storeProgram }), 'undefined');
  // Whatever a Node.js warns of would be in the way of every user.
  const log = await readFile(path.join(project.folder, '.fairway/fairway.log'), 'utf8');
  const unexpected = log
    .replace(/^Stopping …\n/gm, '')
    .replace(/^Fairway [^]*?^Stop it with .*\n/gm, '');
  assert.equal(unexpected, '');
  return said;
}

const clientProgram = `
import { connect } from '@fairway/client/connect';
import { ConfigMap } from '@fairway/kinds/core/v1';

const client = await connect();
await client.create(ConfigMap, { metadata: { name: process.version } });
const isOurs = ({ metadata }) => metadata.name.startsWith('v');
const { items } = await client.list(ConfigMap).all();
for await (const { type, object } of client.watch(ConfigMap)) {
  if (!isOurs(object)) continue;
  console.log(type, ...items.filter(isOurs).map((each) => each.metadata.name));
  break;
}
await client.close();
`;

const storeProgram = `
import { checkSqliteStore } from '@fairway/store/repair';

console.log(checkSqliteStore('.fairway/store').damage);
`;

const testProgram = `
import { ConfigMap } from '@fairway/kinds/core/v1';
import { openTestCluster } from 'fairway/testing';

const cluster = await openTestCluster();
await cluster.client.create(ConfigMap, { metadata: { name: 'a' }, data: { said: 'kept' } });
console.log((await cluster.client.get(ConfigMap, 'a')).data.said);
await cluster[Symbol.asyncDispose]();
`;

async function runProgram(
  project: Pick<Project, 'folder'>,
  { node, text }: { readonly node: string; readonly text: string },
): Promise<string> {
  const file = path.join(project.folder, 'program.mjs');
  await writeFile(file, text);
  const options = { cwd: project.folder, env: environmentOf(project, node) };
  const { stdout, stderr } = await run(node, [file], options);
  assert.equal(stderr, '');
  return stdout.trim();
}

function environmentOf({ folder }: Pick<Project, 'folder'>, node: string): Record<string, string> {
  return {
    // The launcher runs on the Node.js that is found first.
    PATH: `${path.dirname(node)}:${process.env['PATH']}`,
    HOME: folder,
    KUBECONFIG: path.join(folder, '.fairway/kubeconfig'),
  };
}
