import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from './command-line.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Boots a cluster in `folder`, stops it when it is ready, and answers what it has loaded. */
async function loadedBy(folder: string): Promise<string> {
  const flags = ['--conditions=@fairway/source', '--import', fileOf('list-loaded.mjs')];
  const up = [fileOf('../bin/fairway.js'), 'up', '--node', 'none', '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [...flags, ...up], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const [loaded, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  assert.equal(code, 0, loaded);
  assert.match(loaded, /request-pipeline\.ts/);
  assert.match(loaded, /NativeModule internal\/http2\/core/);
  return loaded;
}

test('a cluster that is started again loads nothing that it does not use yet', async () => {
  await using folder = await scratchFolder();
  await loadedBy(folder.path);
  const loaded = await loadedBy(folder.path);
  for (const late of [
    'internal/deps/undici',
    'node_modules/yaml/',
    'kubeconfig/edit-kubeconfig.ts',
    'spdy/spdy-session.ts',
    'websocket/websocket-decoder.ts',
    'openapi/open-api-documents.ts',
    'store/src/sqlite-repair.ts',
  ]) {
    assert.ok(!loaded.includes(late), `${late} was loaded`);
  }
});
