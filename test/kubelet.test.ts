import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type CertifiedKey, issueCertificate } from '@fairway/certificates';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { DisposalStack, Secret, silentLogger } from '@fairway/host';
import { nodejsMachineFiles as machineFiles } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import { Node, Pod } from '@fairway/kinds/core/v1';
import { type NodePods, kubeletAccess, kubeletApi, machineUsage } from '@fairway/node-agent';
import { type HandMadeRuntime, handMadeRuntime } from '@fairway/node-agent/testing';
import { listenForTest, sendHttp1 } from '@fairway/serving/testing';
import { type RunningProgram, startProgram } from './fairway-process.ts';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { finished, forwardedPort } from './kubectl-process.ts';
import { type OpenCluster, openCluster } from './open-cluster.ts';

const host = nodejsHost();
const skip = await skipWithoutKubectl(30);

/**
 * A cluster with a node, a pod that runs on it, and the node's kubelet with a certificate of the cluster's
 * authority, or of somebody else.
 */
async function openNode(certifiedBy?: CertifiedKey): Promise<
  AsyncDisposable &
    OpenCluster & {
      readonly runtime: HandMadeRuntime;
      readonly logFile: string;
      readonly pod: Pod;
      /** Of the kubelet. */
      readonly url: string;
      kubectl(...args: string[]): ChildProcess;
      startKubectl(...args: string[]): RunningProgram;
    }
> {
  await using started = new DisposalStack();
  const opened = started.use(await openCluster());
  const { cluster, admin, directory } = opened;
  const logFile = join(directory, 'logs', '0.log');
  await mkdir(join(directory, 'logs'));
  await writeFile(logFile, '');
  const runtime = handMadeRuntime();
  const pods: Pod[] = [];
  const lookup: NodePods = {
    find: (namespace, name) =>
      pods.find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name),
    all: () => pods,
  };
  const [certificate, key] = await Promise.all(
    ['ca.crt', 'ca.key'].map((name) => readFile(join(directory, 'pki', name), 'utf8')),
  );
  const authority = { certificate: certificate ?? '', key: new Secret(key ?? '') };
  const serving = await issueCertificate(
    certifiedBy ?? authority,
    { kind: 'server', names: ['127.0.0.1'] },
    {
      ...host,
      subject: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
      validityMs: 3_600_000,
    },
  );
  const api = cluster.apiServer.handlerFor({
    username: 'system:node:n1',
    groups: ['system:nodes', 'system:authenticated'],
  });
  const { handler, upgrade } = kubeletApi({
    ...kubeletAccess({ api, clock: host.clock }),
    ...host,
    logger: silentLogger,
    nodeName: 'n1',
    pods: lookup,
    runtime,
    nodeUsage: () => machineUsage({ ...host, machineFiles }, directory),
    configuration: () => ({}),
    problem: () => undefined,
  });
  const listener = started.use(
    await listenForTest(handler, {
      upgradeHandler: upgrade,
      tls: { ...serving, clientCertificateAuthorities: authority.certificate },
    }),
  );
  await admin.create(Node, { metadata: { name: 'n1' } });
  const nodeStatus = {
    addresses: [
      { type: 'Hostname', address: 'n1.invalid' },
      { type: 'InternalIP', address: '127.0.0.1' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: listener.port } },
    allocatable: { cpu: '4', memory: '8Gi' },
  };
  await admin.subresource(Node, 'n1', 'status').patch({ merge: { status: nodeStatus } });
  const pod = await runPod(opened, { runtime, pods, logFile });
  const startKubectl = (...args: readonly string[]): RunningProgram =>
    startProgram(['kubectl', '--kubeconfig', cluster.kubeconfig, ...args]);
  const running = started.move();
  return {
    ...opened,
    runtime,
    logFile,
    pod,
    url: listener.url,
    kubectl: (...args) => startKubectl(...args).child,
    startKubectl,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

async function runPod(
  { admin }: OpenCluster,
  node: { readonly runtime: HandMadeRuntime; readonly pods: Pod[]; readonly logFile: string },
): Promise<Pod> {
  const made = await admin.create(Pod, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      nodeName: 'n1',
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: 'x', stdin: true }],
    },
  });
  const { uid = '' } = made.metadata ?? {};
  const running = {
    name: 'main',
    containerID: 'handmade://c1',
    image: 'x',
    imageID: 'x',
    ready: true,
    restartCount: 0,
    state: { running: {} },
  };
  const status = { phase: 'Running' as const, containerStatuses: [running] };
  const part = admin.subresource(Pod, 'web', 'status', { namespace: 'default' });
  const pod = await part.patch({ merge: { status } });
  node.pods.push(pod);
  const ofRuntime = { labels: {}, annotations: {}, createdMs: Date.now(), attempt: 0 };
  node.runtime.held.pods = [
    {
      uid,
      name: 'web',
      namespace: 'default',
      sandboxes: [{ ...ofRuntime, id: 's1', isReady: true, addresses: ['127.0.0.1'] }],
      containers: [
        {
          ...ofRuntime,
          id: 'c1',
          sandboxId: 's1',
          name: 'main',
          image: 'x',
          imageId: 'x',
          state: 'running',
          logPath: node.logFile,
        },
      ],
    },
  ];
  return pod;
}

function logLines(...texts: readonly string[]): string {
  return texts.map((each) => `2026-01-01T00:00:00Z stdout F ${each}\n`).join('');
}

test(
  'kubectl reaches containers through API server and kubelet, each known to the other',
  { skip },
  async () => {
    await using node = await openNode();
    const output = async (...args: string[]): Promise<string> => {
      const [out, err, code] = await finished(node.kubectl(...args));
      return code === 0 ? out : `${code}: ${err}`;
    };
    await appendFile(node.logFile, logLines('one', 'two', 'three'));
    assert.equal(await output('logs', 'web', '--tail=2'), 'two\nthree\n');

    await using following = node.startKubectl('logs', '-f', 'web', '--tail=1');
    await following.until('three\n');
    await appendFile(node.logFile, logLines('four'));
    await following.until('four\n');
    const [held] = node.runtime.held.pods;
    assert.ok(held !== undefined);
    const [container] = held.containers;
    assert.ok(container !== undefined);
    node.runtime.held.pods = [{ ...held, containers: [{ ...container, state: 'exited' }] }];
    node.runtime.change();
    assert.deepEqual(await following.ended, { output: 'three\nfour\n', exitCode: 0 });
    node.runtime.held.pods = [held];

    const running = node.kubectl('exec', '-i', 'web', '--', 'sh', '-c', 'cat; echo no >&2; exit 7');
    running.stdin?.end('hello');
    const [out, err, code] = await finished(running);
    assert.deepEqual([out, err.split('\n')[0], code], ['hello', 'no', 7]);

    await using attached = node.startKubectl('attach', '-i', 'web');
    attached.child.stdin?.write('over\n');
    await attached.until('over\n');

    await writeFile(join(node.directory, 'from'), 'copied');
    const copy = join(node.directory, 'to');
    assert.doesNotMatch(await output('cp', `web:${join(node.directory, 'from')}`, copy), /^\d/);
    assert.equal(await readFile(copy, 'utf8'), 'copied');
  },
);

test('kubectl forwards ports through API server and kubelet', { skip }, async () => {
  await using node = await openNode();
  await using served = await listenForTest(async () => ({
    status: 200,
    headers: {},
    body: Buffer.from('served'),
  }));
  const forwarding = node.kubectl('port-forward', 'web', `:${served.port}`);
  try {
    const socket = connect(await forwardedPort(forwarding), '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    assert.match(await text(socket), /served$/);
  } finally {
    forwarding.kill();
  }
});

test('API server and kubelet each know whom they talk to', async () => {
  await using node = await openNode();
  const log = '/api/v1/namespaces/default/pods/web/log';
  assert.equal((await node.admin.request({ path: log })).status, 200);
  const { status, text: said } = await sendHttp1(`${node.url}/pods`, { rejectUnauthorized: false });
  assert.deepEqual([status, said], [401, 'Unauthorized']);

  const { authority } = await makeTestCertificates();
  await using strange = await openNode(authority);
  await assert.rejects(strange.admin.request({ path: log }), { code: 500, message: /certificate/ });
});

test('kubectl top tells what nodes and pods use', { skip }, async () => {
  await using node = await openNode();
  // A quarter of a processor.
  node.runtime.held.usages = () => {
    const timeMs = Date.now();
    const cpuNanoseconds = timeMs * 250_000;
    const workingSetBytes = 64 * 1024 * 1024;
    const { uid: podUid = '' } = node.pod.metadata ?? {};
    return [{ containerId: 'c1', podUid, name: 'main', timeMs, cpuNanoseconds, workingSetBytes }];
  };
  const [pods, why] = await finished(node.kubectl('top', 'pods', '--containers'));
  assert.match(pods, /^web +main +2(49|50|51)m +64Mi/m, why);
  const [nodes, whyNot] = await finished(node.kubectl('top', 'nodes'));
  assert.match(nodes, /^n1 +\d+m +\d+% +\d+Mi +\d+%/m, whyNot);
});
