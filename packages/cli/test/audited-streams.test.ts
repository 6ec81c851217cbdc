import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { connect } from '@fairway/client/connect';
import { exec, forwardPort, logs } from '@fairway/client/streams';
import { systemClock } from '@fairway/host/nodejs';
import type { UpgradeHandler } from '@fairway/protocol';
import { byteStreamOf } from '@fairway/protocol/nodejs';
import { acceptPorts, acceptProcess } from '@fairway/protocol/pods';
import { listenForTest, textResponse } from '@fairway/serving/testing';
import { clusterIn } from './cluster-in.ts';
import { commandLine, scratchFolder } from './command-line.ts';

const pods = '/api/v1/namespaces/default/pods';
const json = { 'content-type': 'application/json' };

/** Of a kubelet: a command that says what it is given, and ports that echo. */
const streams: UpgradeHandler = async (request) => {
  if (request.path.startsWith('/portForward/')) {
    return acceptPorts(request, {
      clock: systemClock,
      async connect() {
        const [near, far] = duplexPair();
        far.pipe(far);
        return byteStreamOf(near);
      },
    });
  }
  return acceptProcess(request, {
    clock: systemClock,
    streams: { stdin: false, stdout: true, stderr: true, tty: false },
    async program({ stdout }) {
      await stdout(Buffer.from('done'));
      return 0;
    },
  });
};

const policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: RequestResponse
    users: [fairway-admin]
    resources: [{ group: '', resources: [pods/exec, pods/portforward, pods/log] }]
  - level: Metadata
    users: [fairway-admin]
    verbs: [watch]
    resources: [{ group: '', resources: [configmaps] }]
`;

test('streams and watches are told of when they begin and when they end', async () => {
  await using folder = await scratchFolder();
  const { tls, authority } = await makeTestCertificates();
  await using kubelet = await listenForTest(async () => textResponse('a line\n'), {
    tls,
    upgradeHandler: streams,
  });
  await writeFile(join(folder.path, 'policy.yaml'), policy);
  await writeFile(join(folder.path, 'kubelets.pem'), authority.certificate);
  const flags =
    '--memory --listen 127.0.0.1:0 --disable-admission-plugins ServiceAccount ' +
    '--kubelet-certificate-authority kubelets.pem ' +
    '--audit-policy-file policy.yaml --audit-log-path audit.log';
  let watched: ReturnType<Awaited<ReturnType<typeof clusterIn>>['ask']> | undefined;
  {
    await using up = commandLine(folder.path).start('up', '--node', 'none', ...flags.split(' '));
    await up.until('Stop it with');
    const { ask } = await clusterIn(folder.path);
    const send = async (method: string, path: string, object: object): Promise<void> => {
      const { status, text } = await ask(path, {
        method,
        headers: json,
        body: JSON.stringify(object),
      });
      assert.ok(status < 300, text);
    };
    watched = ask('/api/v1/namespaces/default/configmaps?watch=true');
    const node = { metadata: { name: 'node-1' } };
    await send('POST', '/api/v1/nodes', node);
    const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
    const daemonEndpoints = { kubeletEndpoint: { Port: kubelet.port } };
    await send('PUT', '/api/v1/nodes/node-1/status', {
      ...node,
      status: { addresses, daemonEndpoints },
    });
    const spec = { nodeName: 'node-1', containers: [{ name: 'main', image: 'x' }] };
    const pod = { metadata: { name: 'web' }, spec };
    await send('POST', pods, pod);
    const conditions = [{ type: 'Ready', status: 'True' }];
    await send('PUT', `${pods}/web/status`, { ...pod, status: { phase: 'Running', conditions } });

    await using client = await connect({ kubeconfig: join(folder.path, '.fairway/kubeconfig') });
    const process = await exec(client, 'web', { command: ['say', 'it'] });
    assert.equal(await process.stdout.text(), 'done');
    await process.exited;
    {
      await using forward = await forwardPort(client, 'web', 80);
      const socket = connectTcp(forward.localPort, '127.0.0.1');
      socket.end('over and out');
      assert.equal(await textOf(socket), 'over and out');
    }
    await assert.rejects(exec(client, 'none', { command: ['x'] }), { code: 404 });
    let line = '';
    for await (const chunk of logs(client, 'web')) line += String(chunk);
    assert.match(line, /a line/);
  }
  // It has ended with the server.
  assert.equal((await watched)?.status, 200);
  const log = await readFile(join(folder.path, 'audit.log'), 'utf8');
  const events = log
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each) as Event);
  const told = events.map(
    ({ stage, verb, level, objectRef: { subresource = '', name = '' }, responseStatus }) =>
      [verb, subresource, name, level, stage, responseStatus.code]
        .filter((each) => each !== '')
        .join(' '),
  );
  const both = (what: string, code: number): readonly string[] =>
    ['ResponseStarted', 'ResponseComplete'].map((stage) => `${what} ${stage} ${code}`);
  assert.deepEqual(
    told.filter((each) => each.includes(' exec ')),
    [
      ...both('get exec web RequestResponse', 101),
      'get exec none RequestResponse ResponseComplete 404',
    ],
  );
  assert.deepEqual(
    told.filter((each) => each.includes(' portforward ')),
    both('get portforward web RequestResponse', 101),
  );
  assert.deepEqual(
    told.filter((each) => each.includes(' log ')),
    both('get log web RequestResponse', 200),
  );
  assert.deepEqual(
    told.filter((each) => each.startsWith('watch ')),
    both('watch Metadata', 200),
  );
  // What was said in them is nobody's business.
  assert.doesNotMatch(log, /over and out|a line|Object":/);
  assert.equal(new Set(events.map(({ auditID }) => auditID)).size, 5);
});

interface Event {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly level: string;
  readonly objectRef: { readonly subresource?: string; readonly name?: string };
  readonly responseStatus: { readonly code: number };
}
