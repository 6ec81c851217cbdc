import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  type ExtensionServer,
  endpointAddress,
  extensionObjects,
  startExtensionServer,
} from './extension-server.ts';
import { installedKubectls } from './installed-kubectls.ts';
import { finished } from './kubectl-process.ts';
import { openCluster } from './open-cluster.ts';

const kubectls = await installedKubectls();
const isMissing = kubectls.length === 0 && process.env['CI'] === undefined;
const address = endpointAddress();
const skip =
  (isMissing && 'kubectl is not installed') ||
  (address === undefined && 'this machine has no network');

test('every installed kubectl finds and uses what another API server has', { skip }, async (t) => {
  await using open = await openCluster();
  await using extension = await startExtensionServer(open.admin, address ?? '');
  const { directory } = open;
  const run = async (file: string, home: string, ...words: string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'], HOME: home };
    const all = ['--kubeconfig', open.cluster.kubeconfig, ...words];
    return (await promisify(execFile)(file, all, { env })).stdout;
  };
  const newest = kubectls.at(-1)?.file ?? '';
  await writeFile(join(directory, 'sea.json'), asList(extensionObjects(extension)));
  await run(newest, directory, 'apply', '-f', join(directory, 'sea.json'));
  const both = ['apiservice/v1.sea.example', 'apiservice/v1beta1.metrics.k8s.io'];
  await run(newest, directory, 'wait', '--for=condition=Available', ...both);
  // Until the server of metrics in this process is the other one, both are available.
  await run(
    newest,
    directory,
    'wait',
    '--for=jsonpath={.status.conditions[0].reason}=Passed',
    ...both,
  );
  for (const { file, version } of kubectls) {
    await t.test(`kubectl ${version}`, async () => {
      const home = join(directory, `home-${version}`);
      await mkdir(home);
      const kubectl = (...words: string[]): Promise<string> => run(file, home, ...words);
      const services = await kubectl('get', 'apiservices');
      assert.match(services, /^v1\.sea\.example +default\/tides +True /m);
      assert.match(services, /^v1\.apps +Local +True /m);
      const resources = await kubectl('api-resources', '--api-group=sea.example');
      assert.match(resources, /^tides +sea\.example\/v1 +true +Tide$/m);
      assert.match(await kubectl('get', 'tides', '-A'), /^default +high /m);
      const user = '{.metadata.annotations.user}';
      const said = await kubectl('get', 'tide', 'high', '-o', `jsonpath=${user}`);
      assert.equal(said, 'fairway-admin');
      const impersonated = ['--as=bob', '--as-group=system:masters'];
      const asBob = await kubectl('get', 'tide', 'high', ...impersonated, '-o', `jsonpath=${user}`);
      assert.equal(asBob, 'bob');
      const watch = '/apis/sea.example/v1/tides?watch=true';
      const events = (await kubectl('get', '--raw', watch)).trim().split('\n');
      assert.deepEqual(
        events.map((line) => (JSON.parse(line) as { type: string }).type),
        ['ADDED', 'MODIFIED'],
      );
      assert.match(await kubectl('top', 'nodes'), /^buoy +250m +25% +512Mi +50% *$/m);
      assert.match(await kubectl('explain', 'tide'), /Tide is how high the water stands\./);
      assert.equal(
        await greetingThrough(file, open.cluster.kubeconfig, home),
        'ahoy fairway-admin',
      );
    });
  }
  assert.equal(extension.strangers, 0, 'nobody but the front proxy has come');
  await stillEmptiesNamespaces(extension, (...words) => run(newest, directory, ...words));
});

function asList(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** What a WebSocket to the server says, through `kubectl proxy`. */
async function greetingThrough(file: string, kubeconfig: string, home: string): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: home };
  const proxy = spawn(file, ['--kubeconfig', kubeconfig, 'proxy', '--port=0'], { env });
  try {
    const url = await proxyUrl(proxy);
    const socket = new WebSocket(`${url}/apis/sea.example/v1/namespaces/default/tides/high/turn`);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    socket.addEventListener('message', ({ data }) => resolve(String(data)));
    socket.addEventListener('error', () => reject(new Error('the WebSocket failed')));
    const text = await promise;
    socket.close();
    return text;
  } finally {
    const gone = once(proxy, 'close');
    proxy.kill();
    await gone;
  }
}

async function proxyUrl(proxy: ChildProcess): Promise<string> {
  const ended = finished(proxy).then(([, err]) => Promise.reject(new Error(err)));
  const said = once(proxy.stdout ?? assert.fail(), 'data').then(([text]) => String(text));
  const port = /127\.0\.0\.1:(\d+)/.exec(await Promise.race([said, ended]))?.[1];
  ended.catch(() => {});
  return `ws://127.0.0.1:${port}`;
}

/** What is known goes; the namespace waits until it is known what the server has in it, or that it is no more. */
async function stillEmptiesNamespaces(
  extension: ExtensionServer,
  kubectl: (...words: string[]) => Promise<string>,
): Promise<void> {
  await extension[Symbol.asyncDispose]();
  await kubectl('delete', 'service', 'tides');
  const services = ['apiservice/v1.sea.example', 'apiservice/v1beta1.metrics.k8s.io'];
  await kubectl('wait', '--for=condition=Available=False', ...services);
  // What has lost its owner still goes.
  await kubectl('create', 'configmap', 'ship');
  const uid = await kubectl('get', 'configmap', 'ship', '-o', 'jsonpath={.metadata.uid}');
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'ship', uid };
  const patch = JSON.stringify({ metadata: { ownerReferences: [owner] } });
  await kubectl('create', 'configmap', 'boat');
  await kubectl('patch', 'configmap', 'boat', '-p', patch);
  await kubectl('delete', 'configmap', 'ship');
  await kubectl('wait', '--for=delete', 'configmap/boat', '--timeout=60s');
  await kubectl('create', 'namespace', 'harbour');
  await kubectl('create', 'configmap', 'charts', '-n', 'harbour');
  await kubectl('delete', 'namespace', 'harbour', '--wait=false');
  const condition = 'NamespaceDeletionDiscoveryFailure';
  await kubectl('wait', `--for=condition=${condition}`, 'namespace/harbour');
  const path = `{.status.conditions[?(@.type=="${condition}")].message}`;
  assert.equal(
    await kubectl('get', 'namespace', 'harbour', '-o', `jsonpath=${path}`),
    'Discovery failed for some groups, 2 failing: unable to retrieve the complete list of server APIs: ' +
      'metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1, ' +
      'sea.example/v1: stale GroupVersion discovery: sea.example/v1',
  );
  assert.equal(await kubectl('get', 'configmaps', '-n', 'harbour', '-o', 'name'), '');
  await kubectl('delete', ...services);
  await kubectl('wait', '--for=delete', 'namespace/harbour', '--timeout=60s');
}
