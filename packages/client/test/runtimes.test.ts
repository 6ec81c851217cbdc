import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:http2';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { type Runtime, installRuntime } from '../../../tools/install-runtime.ts';
import { publishedPackages } from './published-packages.ts';
import { type Answer, type SmallServer, pem, serveHttp2, serveHttps } from './small-server.ts';

const run = promisify(execFile);

interface NamedRuntime extends Runtime {
  readonly name: string;
  readonly arguments: readonly string[];
}

const runtimes: readonly NamedRuntime[] = [
  {
    name: 'the oldest Node.js',
    npmPackage: `node-${process.platform}-${process.arch}@22.18.0`,
    file: `node-${process.platform}-${process.arch}/bin/node`,
    arguments: [],
  },
  { name: 'Bun', npmPackage: 'bun@1.4.5', file: '.bin/bun', arguments: ['run'] },
  { name: 'Deno', npmPackage: 'deno@2.9.6', file: '.bin/deno', arguments: ['run', '--allow-all'] },
];

const program = `
import { connect } from '@fairway/client/connect';

const Pod = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', isNamespaced: true };
const client = await connect();
const names = [];
for await (const pod of client.list(Pod)) names.push(pod.metadata.name);
const events = [];
for await (const { type, object } of client.watch(Pod)) {
  events.push(type + ' ' + object.metadata.name);
  if (events.length === 2) break;
}
await client.close();
console.log(JSON.stringify({ names, events }));
`;

for (const runtime of runtimes) {
  test(`the published client lists and watches on ${runtime.name}, by mutual TLS`, async (t) => {
    const executable = await installOrSkip(t, runtime);
    if (executable === undefined) return;
    await using folder = await publishedPackages();
    await writeFile(path.join(folder.path, 'program.mjs'), program);
    for (const serve of [serveHttp2, serveHttps]) {
      const seen: string[] = [];
      await using server = await serve(podServer(seen), mutualTls());
      const kubeconfig = path.join(folder.path, 'kubeconfig.yaml');
      await writeFile(kubeconfig, kubeconfigFor(server));

      const { stdout }: { stdout: string } = await run(
        executable,
        [...runtime.arguments, 'program.mjs'],
        {
          cwd: folder.path,
          env: { PATH: process.env['PATH'], HOME: folder.path, KUBECONFIG: kubeconfig },
          timeout: 30_000,
        },
      );

      assert.deepEqual(JSON.parse(stdout), {
        names: ['web-0', 'web-1'],
        events: ['ADDED web-0', 'MODIFIED web-0'],
      });
      assert.deepEqual([...new Set(seen)], ['jane']);
    }
  });
}

async function installOrSkip(t: TestContext, runtime: Runtime): Promise<string | undefined> {
  try {
    return await installRuntime(runtime);
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    t.skip(`${runtime.npmPackage} cannot be installed here: ${String(error)}`);
    return undefined;
  }
}

function mutualTls(): { ca: string; requestCert: true; rejectUnauthorized: true } {
  return { ca: pem('authority.pem'), requestCert: true, rejectUnauthorized: true };
}

/** Serves two pods, and a watch that does not end by itself. Notes who asked. */
function podServer(seen: string[]): Answer {
  return (request, response) => {
    const { socket } = request.stream?.session ?? request;
    const { subject } = (socket as unknown as PeerSocket).getPeerCertificate();
    seen.push(subject.CN);
    response.setHeader(constants.HTTP2_HEADER_CONTENT_TYPE, 'application/json');
    if (!(request.url ?? '').includes('watch=true')) return void response.end(podList);
    response.write(`{"type":"ADDED","object":${pod('web-0')}}\n`);
    response.write(`{"type":"MODIFIED","object":${pod('web-0')}}\n`);
  };
}

interface PeerSocket {
  getPeerCertificate(): { readonly subject: { readonly CN: string } };
}

function pod(name: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });
}

const podList = `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[${pod('web-0')},${pod('web-1')}]}`;

function kubeconfigFor({ url }: SmallServer): string {
  const encoded = (name: string): string => Buffer.from(pem(name)).toString('base64');
  return `
apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: here, context: { cluster: here, user: jane } }]
clusters:
  - name: here
    cluster: { server: '${url}', certificate-authority-data: ${encoded('authority.pem')} }
users:
  - name: jane
    user:
      client-certificate-data: ${encoded('client.pem')}
      client-key-data: ${encoded('client.key')}
`;
}
