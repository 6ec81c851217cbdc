import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { bundleProgram } from './bundle-program.ts';
import { publishedPackages } from './published-packages.ts';

const run = promisify(execFile);

const listPods = `
  import { connect } from '@fairway/client/connect';
  import { Pod } from '@fairway/kinds/core/v1';
  await using client = await connect();
  for await (const pod of client.list(Pod)) console.log(pod.metadata.name);
`;

test('a program that finds its cluster and lists pods starts with 30 KB', async () => {
  const bundle = await bundleProgram(listPods);

  assert.ok(bundle.startBytes <= 30_000, `${bundle.startBytes} bytes`);
  // Else the bundle has everything in it, or not what it should.
  assert.ok(Object.keys(bundle.late).some((name) => name.startsWith('find-cluster')));
});

test('a descriptor weighs less than 1 KB', async () => {
  const { startBytes, late } = await bundleProgram(
    `import { Pod } from '@fairway/kinds/core/v1'; console.log(Pod);`,
  );

  assert.ok(startBytes < 1_000, `${startBytes} bytes`);
  assert.deepEqual(late, {});
});

test('a program for the browser has nothing of Node.js in it', async () => {
  const { startBytes, nodeModules } = await bundleProgram(
    `import { connectByFetch } from '@fairway/client/browser';
     import { Pod } from '@fairway/kinds/core/v1';
     const client = connectByFetch({ server: '/' });
     for await (const pod of client.list(Pod)) console.log(pod);
     for await (const event of client.reflect(Pod)) console.log(event);`,
    { platform: 'browser' },
  );

  assert.deepEqual(nodeModules, []);
  assert.ok(startBytes <= 20_000, `${startBytes} bytes`);
});

test('what is published loads few files', async () => {
  await using folder = await publishedPackages();

  const modules = await loadedModules(folder.path, '@fairway/client/connect');

  assert.ok(modules.length > 3 && modules.length <= 15, modules.join('\n'));
});

/** Beyond what node:https loads, as node:http2 does with 26. What importing takes of CPU, `npm run bench` measures. */
const modulesOfNodeMax = 30;

test('importing connect loads little of Node.js beyond node:https, and takes 60 MB', async () => {
  await using folder = await publishedPackages();

  const base = await importCost(folder.path, 'node:https');
  const own = await importCost(folder.path, '@fairway/client/connect');

  const more = own.modulesOfNode.filter((name) => !base.modulesOfNode.includes(name));
  assert.ok(more.length > 0 && more.length <= modulesOfNodeMax, more.join('\n'));
  assert.ok(own.megabytes <= 60, `${own.megabytes.toFixed(1)} MB`);
});

async function loadedModules(folder: string, specifier: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    await import('${specifier}');
    console.log(JSON.stringify(urls.filter((url) => url.startsWith('file:'))));
  `;
  return JSON.parse(await evaluate(folder, program)) as string[];
}

async function importCost(
  folder: string,
  specifier: string,
): Promise<{ readonly modulesOfNode: readonly string[]; readonly megabytes: number }> {
  const program = `
    await import('${specifier}');
    console.log(JSON.stringify({
      modulesOfNode: process.moduleLoadList,
      megabytes: process.memoryUsage.rss() / 1e6,
    }));
  `;
  return JSON.parse(await evaluate(folder, program)) as Awaited<ReturnType<typeof importCost>>;
}

async function evaluate(folder: string, program: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
    // What is measured is a first start.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
  });
  return stdout;
}
