import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { connect as connectTcp } from 'node:net';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import type { Dial } from '@fairway/apiserver';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { createClient, explicitTarget } from '@fairway/client';
import { buildTransport } from '@fairway/client/connect';
import { exec, forwardPort } from '@fairway/client/streams';
import { DisposalStack } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import type { Handler, UpgradeHandler } from '@fairway/protocol';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import { acceptPorts, acceptProcess } from '@fairway/protocol/pods';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { listenForTest } from '@fairway/serving/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { finished, forwardedPort } from './kubectl-process.ts';

const pki = await makeTestCertificates();

/** A kubelet of a few lines: a process that shouts, ports that echo, a log of one line. */
const kubelet: { readonly handler: Handler; readonly upgradeHandler: UpgradeHandler } = {
  async handler({ path, query }) {
    const body = Buffer.from(`log of ${path}?${query}\n`);
    return { status: 200, headers: { 'content-type': 'text/plain' }, body };
  },
  async upgradeHandler(request) {
    const query = new URLSearchParams(request.query);
    const isWanted = (name: string): boolean => query.get(name) === '1';
    if (request.path.startsWith('/portForward/')) {
      return acceptPorts(request, {
        clock: systemClock,
        async connect(port) {
          if (port !== 80) throw new Error(`nobody listens on port ${port}`);
          const [near, far] = duplexPair();
          far.pipe(far);
          return byteStreamOf(near);
        },
      });
    }
    return acceptProcess(request, {
      clock: systemClock,
      streams: {
        stdin: isWanted('input'),
        stdout: isWanted('output'),
        stderr: isWanted('error'),
        tty: isWanted('tty'),
      },
      async program({ stdin, stdout, stderr }) {
        await stderr(Buffer.from(`${request.path} ${query.getAll('command').join(' ')}\n`));
        for await (const bytes of stdin) {
          await stdout(Buffer.from(Buffer.from(bytes).toString().toUpperCase()));
        }
        await stdout(Buffer.alloc(1_000_000, 'x'));
        return 7;
      },
    });
  },
};

const inProcess: Dial = {
  kubelet: () => ({ send: kubelet.handler, upgrade: kubelet.upgradeHandler }),
};

test('a client runs exec and port-forward against an API server in its own process', async () => {
  await using server = await startCluster({ dial: inProcess, port: 10_250 });
  const client = createClient({
    transport: server.api.handlerFor(admin),
    upgrade: server.api.upgradeFor(admin),
    clock: systemClock,
    random: systemRandom,
  });
  const process = await exec(client, 'web-0', { command: ['a', 'b c'], stdin: true });
  await process.stdin.write('hello');
  await process.stdin.end();
  const [out, err] = await Promise.all([process.stdout.text(), process.stderr.text()]);
  assert.equal(out.slice(0, 6), 'HELLOx');
  assert.equal(err, '/exec/default/web-0/main a b c\n');
  assert.deepEqual(await process.exited, { code: 7 });
  await using forward = await forwardPort(client, 'web-0', 80);
  assert.equal(await echoOf(forward.localPort, 'over and out'), 'over and out');
  await assert.rejects(exec(client, 'web-1', { command: ['x'] }), {
    code: 404,
    message: 'pods "web-1" not found',
  });
});

for (const webSockets of ['true', 'false']) {
  // Before, kubectl did not ask for WebSockets, whatever it was told.
  const skip = await skipWithoutKubectl(webSockets === 'true' ? 30 : 0);
  test(
    `kubectl exec, logs and port-forward reach a kubelet through the API server, WebSocket: ${webSockets}`,
    { skip },
    async () => {
      await using cluster = await listenAsCluster();
      const kubectl = (...args: string[]): ChildProcess =>
        spawn('kubectl', [...cluster.flags, ...args], {
          env: {
            PATH: process.env['PATH'],
            HOME: '/nonexistent',
            KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets,
            KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets,
          },
        });
      const running = kubectl('exec', '-i', 'web-0', '--', 'up', 'per');
      running.stdin?.end('hello');
      const [out, err, code] = await finished(running);
      assert.equal(out.slice(0, 6), 'HELLOx', err);
      assert.equal(out.length, 1_000_005);
      assert.match(err, /^\/exec\/default\/web-0\/main up per\n[^]*exit code 7/);
      assert.equal(code, 7);

      const [log] = await finished(kubectl('logs', 'web-0', '--tail=3'));
      assert.equal(log, 'log of /containerLogs/default/web-0/main?tailLines=3\n');
      const [, refusal] = await finished(kubectl('logs', 'web-0', '-c', 'no'));
      assert.match(refusal, /container no is not valid for pod web-0/);

      const forwarding = kubectl('port-forward', 'web-0', ':80');
      try {
        const port = await forwardedPort(forwarding);
        for (const text of ['one', 'two'.repeat(300_000)]) {
          assert.ok((await echoOf(port, text)) === text);
        }
      } finally {
        forwarding.kill();
      }
    },
  );
}

/** An API server with a pod on a node, behind a port, and a kubelet behind another. */
async function listenAsCluster(): Promise<AsyncDisposable & { readonly flags: readonly string[] }> {
  await using started = new DisposalStack();
  const node = started.use(
    await listenForTest(kubelet.handler, { tls: pki.tls, upgradeHandler: kubelet.upgradeHandler }),
  );
  // What is dialled while the cluster is used.
  const dialled = started.use(new DisposalStack());
  const dialKubelet: Dial['kubelet'] = ({ scheme, host, port }) => {
    const server = `${scheme}://${host}:${port}`;
    const certificateAuthority = pki.authority.certificate;
    const target = explicitTarget(systemClock, { server, certificateAuthority });
    const transport = buildTransport(target, { clock: systemClock, random: systemRandom });
    dialled.use(transport);
    return { send: transport.send, upgrade: transport.upgrade };
  };
  const { api } = started.use(
    await startCluster({ dial: { kubelet: dialKubelet }, port: node.port }),
  );
  const listener = started.use(
    await listenForTest(api.handlerFor(admin), {
      tls: pki.tls,
      upgradeHandler: api.upgradeFor(admin),
    }),
  );
  const running = started.move();
  return {
    flags: [
      '--kubeconfig=/dev/null',
      `--server=${listener.url}`,
      '--insecure-skip-tls-verify',
      '--token=t',
    ],
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

async function startCluster({ dial, port }: { readonly dial: Dial; readonly port: number }) {
  const server = await startTestServer({ dial });
  const node = { metadata: { name: 'node-1' } };
  await server.expect(201, 'POST', '/api/v1/nodes', { body: node });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await server.expect(200, 'PUT', '/api/v1/nodes/node-1/status', { body: { ...node, status } });
  const namespace = '/api/v1/namespaces/default';
  const account = { metadata: { name: 'default' } };
  await server.expect(201, 'POST', `${namespace}/serviceaccounts`, { body: account });
  const pod = {
    metadata: { name: 'web-0' },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'x' }] },
  };
  const created = await server.expect(201, 'POST', `${namespace}/pods`, { body: pod });
  const running = {
    ...created.json,
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  await server.expect(200, 'PUT', `${namespace}/pods/web-0/status`, { body: running });
  return server;
}

async function echoOf(port: number, text: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
