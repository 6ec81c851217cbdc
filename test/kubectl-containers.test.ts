import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { issueCertificate } from '@fairway/certificates';
import { DisposalStack, Secret, silentLogger } from '@fairway/host';
import { nodejsHost, nodejsMachineFiles } from '@fairway/host/nodejs';
import { Pod } from '@fairway/kinds/core/v1';
import { runNodeAgent } from '@fairway/node-agent';
import { openTestContainerd, skipWithoutContainerd } from '@fairway/node-agent/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { finished, forwardedPort } from './kubectl-process.ts';
import { type OpenCluster, openCluster } from './open-cluster.ts';

const skip = (await skipWithoutContainerd()) || (await skipWithoutKubectl(30));
const host = nodejsHost();

interface RealNode extends AsyncDisposable, OpenCluster {
  readonly image: string;
  kubectl(...args: string[]): ChildProcess;
  /** What it prints; with what it says of its failure when it fails. */
  output(...args: string[]): Promise<string>;
}

/** A cluster with a node that runs containers. */
async function openRealNode(): Promise<RealNode> {
  await using started = new DisposalStack();
  const containerd = started.use(await openTestContainerd());
  const opened = started.use(await openCluster());
  const { cluster, directory } = opened;
  const read = (name: string): Promise<string> => readFile(join(directory, 'pki', name), 'utf8');
  const authority = { certificate: await read('ca.crt'), key: new Secret(await read('ca.key')) };
  const certificate = await issueCertificate(
    authority,
    { kind: 'server', names: ['127.0.0.1'] },
    {
      ...host,
      subject: { commonName: 'system:node:n1', organizations: ['system:nodes'] },
      validityMs: 3_600_000,
    },
  );
  const stopping = new AbortController();
  const { runtime, images } = containerd;
  const running = runNodeAgent(
    {
      ...host,
      logger: silentLogger,
      machineFiles: nodejsMachineFiles,
      handlerFor: cluster.apiServer.handlerFor,
      name: 'n1',
      address: '127.0.0.1',
      rootDirectory: join(containerd.directory, 'node'),
      logDirectory: join(containerd.directory, 'node', 'logs'),
      endsPods: true,
      cgroupRoot: containerd.cgroupRoot,
      clusterDns: [],
      clusterDomain: 'cluster.local',
      openRuntime: async () => ({ runtime, images, async [Symbol.asyncDispose]() {} }),
      serving: {
        port: 0,
        tls: { ...certificate, clientCertificateAuthorities: authority.certificate },
      },
    },
    stopping.signal,
  );
  started.defer(() => {
    stopping.abort();
    return running;
  });
  const all = started.move();
  const kubectl = (...args: string[]): ChildProcess =>
    spawn('kubectl', ['--kubeconfig', cluster.kubeconfig, ...args], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    });
  return {
    ...opened,
    image: containerd.image,
    kubectl,
    async output(...args) {
      const [out, err, code] = await finished(kubectl(...args));
      return code === 0 ? out : `${code}: ${err}`;
    },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

async function runPod(node: RealNode, name: string, script: string): Promise<void> {
  await node.admin.create(Pod, {
    metadata: { name, namespace: 'default' },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: node.image, command: ['sh', '-c', script], stdin: true }],
    },
  });
  await node.admin.waitFor(Pod, name, (pod) => pod?.status?.phase === 'Running', {
    namespace: 'default',
  });
}

test(
  'kubectl logs, exec, attach, cp, port-forward and top reach real containers',
  { skip },
  async (t) => {
    await using node = await openRealNode();
    const served = 'while true; do printf served | nc -l -p 8080; done';
    await runPod(node, 'web', `${served} & echo begun; while read line; do echo "got $line"; done`);

    await t.test('logs, followed to the end of the container', async () => {
      const script = 'for i in 1 2 3; do echo line $i; sleep 0.2; done';
      await runPod(node, 'short', `${script}; sleep 1; echo over`);
      assert.equal(await node.output('logs', '-f', 'short'), 'line 1\nline 2\nline 3\nover\n');
      assert.equal(await node.output('logs', 'short', '--tail=1'), 'over\n');
    });

    await t.test('exec with input, output, errors, exit code, and a terminal', async () => {
      const running = node.kubectl(
        'exec',
        '-i',
        'web',
        '--',
        'sh',
        '-c',
        'cat; echo no >&2; exit 7',
      );
      running.stdin?.end('hello');
      const [out, err, code] = await finished(running);
      assert.deepEqual([out, err.split('\n')[0], code], ['hello', 'no', 7]);
      assert.match(await node.output('exec', 'web', '--', 'hostname'), /^web\n$/);
      assert.match(await node.output('exec', 'web', '--', 'no-such'), /^\d+: [^]*no-such/);
      const { kubeconfig } = node.cluster;
      const line = `kubectl --kubeconfig ${kubeconfig} exec -it web -- sh -c 'tty; exit 3'`;
      const terminal = spawn('script', ['-qec', line, '/dev/null'], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const [screen, , exit] = await finished(terminal);
      assert.match(screen, /^\/dev\/pts\/\d+\r\n/);
      assert.equal(exit, 3);
    });

    await t.test('attach, cp and port-forward', async () => {
      const attached = node.kubectl('attach', '-i', 'web');
      const heard = new Promise((resolve) => {
        attached.stdout?.on('data', (bytes) => {
          if (String(bytes).includes('got over')) resolve(undefined);
        });
      });
      attached.stdin?.write('over\n');
      await heard;
      attached.kill();

      const [from, to] = [join(node.directory, 'from'), join(node.directory, 'to')];
      await writeFile(from, 'x'.repeat(200_000));
      assert.equal(await node.output('cp', from, 'web:/tmp/copied'), '');
      assert.doesNotMatch(await node.output('cp', 'web:/tmp/copied', to), /^\d/);
      assert.equal((await readFile(to, 'utf8')).length, 200_000);

      const forwarding = node.kubectl('port-forward', 'web', ':8080');
      try {
        const socket = connect(await forwardedPort(forwarding), '127.0.0.1');
        assert.equal(await text(socket), 'served');
      } finally {
        forwarding.kill();
      }
    });

    await t.test('top', async () => {
      assert.match(await node.output('top', 'pod', 'web'), /^web +\d+m +\d+[KM]i/m);
      assert.match(await node.output('top', 'node'), /^n1 +\d+m +\d+% +\d+Mi +\d+%/m);
    });
  },
);
