import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { DisposalStack } from '@fairway/host';
import type { HttpRequest, UpgradeAnswer } from '@fairway/protocol';
import { acceptUpgrade } from '@fairway/protocol/streams';
import { listenForTest, sendHttp1 } from '@fairway/serving/testing';
import { installedKubectls } from './installed-kubectls.ts';
import { finished } from './kubectl-process.ts';

const pki = await makeTestCertificates();
const kubectls = await installedKubectls();
const isMissing = kubectls.length === 0 && process.env['CI'] === undefined;
const skip = isMissing && 'kubectl is not installed';
const web = '/api/v1/namespaces/kube-system/services/http:web:80/proxy';

test(
  'every installed kubectl, and fairway, reach a service through the API server',
  { skip },
  async (t) => {
    await using cluster = await listenWithService();
    const fairway = {
      file: process.execPath,
      args: [
        '--conditions=@fairway/source',
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, '../packages/cli/bin/fairway.js'),
      ],
    };
    const programs = [
      ...kubectls.map(({ file, version }) => ({ name: `kubectl ${version}`, file, args: [] })),
      { name: 'fairway', ...fairway },
    ];
    for (const { name, file, args } of programs) {
      await t.test(name, async () => {
        const run = async (...words: string[]): Promise<string> => {
          const all = [...args, '--kubeconfig', cluster.kubeconfig, ...words];
          return (await promisify(execFile)(file, all, { env: environment })).stdout;
        };
        assert.equal(await run('get', '--raw', `${web}/a%20b?c=d`), 'GET /a%20b?c=d');
        const info = (await run('cluster-info')).replaceAll(/\u001b\[[\d;]*m/g, '');
        const { url } = cluster;
        const services = `${url}/api/v1/namespaces/kube-system/services`;
        const lines = info.split('\n').filter((line) => line.includes(' is running at '));
        assert.deepEqual(lines, [
          `Kubernetes control plane is running at ${url}`,
          `CoreDNS is running at ${services}/kube-dns:dns/proxy`,
          `secure is running at ${services}/https:secure:/proxy`,
          `web is running at ${services}/web:http/proxy`,
        ]);
        const proxy = spawn(
          file,
          [...args, '--kubeconfig', cluster.kubeconfig, 'proxy', '--port=0'],
          {
            env: environment,
          },
        );
        try {
          const local = await proxyUrl(proxy);
          const root = await sendHttp1(`${local}${web}`);
          assert.deepEqual([root.status, root.headers.location], [301, `${web}/`]);
          const page = await sendHttp1(`${local}${web}/page`);
          assert.equal(page.text, `<a href="${web}/next">next</a>`);
          const moved = await sendHttp1(`${local}${web}/moved`);
          assert.deepEqual([moved.status, moved.headers.location], [302, `${web}/next`]);
          const posted = await sendHttp1(`${local}${web}/x`, { method: 'POST', body: 'hello' });
          assert.equal(posted.text, 'POST /x hello');
          assert.equal(await echoOver(`${local.replace('http', 'ws')}${web}/echo`), 'over and out');
        } finally {
          const gone = once(proxy, 'close');
          proxy.kill();
          await gone;
        }
      });
    }
  },
);

const environment = { PATH: process.env['PATH'], HOME: '/nonexistent' };

async function proxyUrl(proxy: ChildProcess): Promise<string> {
  const ended = finished(proxy).then(([, err]) => Promise.reject(new Error(err)));
  const said = once(proxy.stdout ?? assert.fail(), 'data').then(([text]) => String(text));
  const port = /127\.0\.0\.1:(\d+)/.exec(await Promise.race([said, ended]))?.[1];
  ended.catch(() => {});
  return `http://127.0.0.1:${port}`;
}

async function echoOver(url: string): Promise<string> {
  const socket = new WebSocket(url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.addEventListener('open', () => socket.send('over and out'));
  socket.addEventListener('message', ({ data }) => resolve(String(data)));
  socket.addEventListener('error', () => reject(new Error('the WebSocket failed')));
  const text = await promise;
  socket.close();
  return text;
}

async function answer({ method, path, query, body, headers }: HttpRequest) {
  const page = path === '/page';
  const chunks: Uint8Array[] = [];
  if (body instanceof Uint8Array) chunks.push(body);
  else if (body !== undefined) for await (const chunk of body) chunks.push(chunk);
  const sent = chunks.length === 0 ? '' : ` ${Buffer.concat(chunks).toString()}`;
  const text = page
    ? `<a href="http://${String(headers['host'])}/next">next</a>`
    : `${method} ${path}${query === '' ? '' : `?${query}`}${sent}`;
  const location = path === '/moved' ? { location: `https://${String(headers['host'])}/next` } : {};
  return {
    status: path === '/moved' ? 302 : 200,
    headers: { 'content-type': page ? 'text/html' : 'text/plain', ...location },
    body: Buffer.from(text),
  };
}

/** Gives back every frame, whose mask a server must take off. */
async function echo({ headers }: HttpRequest): Promise<UpgradeAnswer> {
  const { createHash } = await import('node:crypto');
  const key = `${String(headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  const accepted = { upgrade: 'websocket', 'sec-websocket-accept': accept };
  return acceptUpgrade(accepted, async (stream) => {
    for await (const frame of stream.incoming) {
      const length = (frame[1] ?? 0) & 0x7f;
      const mask = frame.subarray(2, 6);
      const text = frame.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      await stream.write(Buffer.from([frame[0] ?? 0, length, ...text]));
    }
  });
}

/** An API server behind a port, with services that belong to the cluster, of which one has an endpoint. */
async function listenWithService() {
  await using started = new DisposalStack();
  const backend = () => ({ send: answer, upgrade: echo });
  const server = started.use(await startTestServer({ dial: { backend } }));
  const namespace = '/api/v1/namespaces/kube-system';
  const create = (path: string, body: object): Promise<unknown> =>
    server.expect(201, 'POST', path, { body });
  await create(`${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
  const spec = { containers: [{ name: 'main', image: 'x' }] };
  await create(`${namespace}/pods`, { metadata: { name: 'web-0' }, spec });
  await server.expect(200, 'PUT', `${namespace}/pods/web-0/status`, {
    body: { metadata: { name: 'web-0' }, spec, status: { podIPs: [{ ip: '10.244.0.5' }] } },
  });
  const cluster = { 'kubernetes.io/cluster-service': 'true' };
  for (const [name, port, labels] of [
    ['web', { name: 'http', port: 80 }, {}],
    ['secure', { port: 443 }, {}],
    ['kube-dns', { name: 'dns', port: 53 }, { 'kubernetes.io/name': 'CoreDNS' }],
  ] as const) {
    const metadata = { name, labels: { ...cluster, ...labels } };
    await create(`${namespace}/services`, { metadata, spec: { ports: [port] } });
  }
  await create('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [
      {
        addresses: ['10.244.0.5'],
        targetRef: { kind: 'Pod', namespace: 'kube-system', name: 'web-0' },
      },
    ],
  });
  const listener = started.use(
    await listenForTest(server.api.handlerFor(admin), {
      tls: pki.tls,
      upgradeHandler: server.api.upgradeFor(admin),
    }),
  );
  const directory = await mkdtemp(join(tmpdir(), 'fairway-'));
  started.defer(() => rm(directory, { recursive: true }));
  const kubeconfig = join(directory, 'config');
  const { url } = listener;
  const ca = Buffer.from(pki.authority.certificate).toString('base64');
  const config = {
    clusters: [{ name: 'a', cluster: { server: url, 'certificate-authority-data': ca } }],
    users: [{ name: 'a', user: { token: 't' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    'current-context': 'a',
  };
  await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  const running = started.move();
  return { url, kubeconfig, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}
