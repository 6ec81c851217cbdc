import { execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { nodejsHost } from '@fairway/host/nodejs';
import { installedKubectls } from '../../test/installed-kubectls.ts';
import { openSession, requestOk } from '../server/load/session.ts';
import { rssMegabytesOf } from '../server/process-usage.ts';
import { installedProgram } from '../server/published-program.ts';
import { end, startClusterProcess } from '../server/server-process.ts';
import { measureHosts } from './hosts.ts';
import type { Holding } from './hold-watches.ts';
import { type Proxy, type ProxyProgram, measureInTurns, startProxy } from './in-turns.ts';
import { startNginx } from './start-nginx.ts';

const watchCount = 1_000;

const loads = [
  { name: '1 KB, 16 at once', path: '/1k', bytes: 1024, connections: 16, seconds: 3 },
  { name: '1 KB, 64 at once', path: '/1k', bytes: 1024, connections: 64, seconds: 3 },
  { name: '1 MB, 16 at once', path: '/1m', bytes: 1024 ** 2, connections: 16, seconds: 3 },
  { name: '100 MB, one', path: '/100m', bytes: 100 * 1024 ** 2, connections: 1, seconds: 4 },
] as const;

/**
 * `fairway proxy` as it would be published, beside `kubectl proxy`: before nginx, which both reach over TLS, in turns; and
 * with many watches of an API server.
 */
export async function runProxyBench(): Promise<void> {
  const kubectl = (await installedKubectls()).at(-1);
  if (kubectl === undefined) return console.log('kubectl is not installed');
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  try {
    const { launcher } = await installedProgram();
    const programs: readonly ProxyProgram[] = [
      { name: `kubectl ${kubectl.version}`, command: [kubectl.file, 'proxy', '--port=0'] },
      { name: 'fairway', command: [process.execPath, launcher, 'proxy', '--port=0'] },
    ];
    await measureLoads(programs, directory);
    await measureWatches(programs, directory);
    await measureHosts(launcher, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function measureLoads(programs: readonly ProxyProgram[], directory: string): Promise<void> {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
  } catch {
    return console.log('nginx is not installed (Debian: nginx-light): requests are left out');
  }
  const kubeconfig = await prepareFiles(directory);
  const nginx = await startNginx(directory);
  const proxies: Proxy[] = [];
  try {
    await writeFile(kubeconfig.file, kubeconfig.text(nginx.port));
    for (const program of programs) proxies.push(await startProxy(program, kubeconfig.file));
    for (const load of loads) await measureInTurns(proxies, load);
    for (const { name, child } of proxies) {
      console.log(`${name}: ${rssMegabytesOf(child.pid ?? 0).toFixed(0)} MB after that`);
    }
  } finally {
    for (const { child } of proxies) await end(child, 'SIGKILL');
    await end(nginx.child, 'SIGKILL');
  }
}

async function measureWatches(programs: readonly ProxyProgram[], directory: string): Promise<void> {
  const place = { directory: join(directory, 'cluster'), compileCache: join(directory, 'cache') };
  await using cluster = await startClusterProcess({ ...place, flags: ['--no-scheduler'] });
  await using session = await openSession(cluster.address);
  const path = '/api/v1/namespaces/default/configmaps';
  const metadata = { name: 'watched' };
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await requestOk(session.http2, { method: 'POST', path, body });
  for (const program of programs) {
    const { name, child, port } = await startProxy(program, cluster.kubeconfig);
    const { pid = 0 } = child;
    const before = rssMegabytesOf(pid);
    const query = 'watch=1&fieldSelector=metadata.name%3Dwatched';
    const holding: Holding = { port, path: `${path}?${query}`, count: watchCount };
    const startedMs = performance.now();
    const holder = fork(join(import.meta.dirname, 'hold-watches.ts'), [JSON.stringify(holding)]);
    await once(holder, 'message');
    const tookMs = performance.now() - startedMs;
    await delay(3_000);
    console.log(
      `${watchCount} watches, ${name}: ${before.toFixed(0)} MB before, ${rssMegabytesOf(pid).toFixed(0)} MB with them, ` +
        `the last one's first event after ${(tookMs / 1e3).toFixed(1)} s`,
    );
    await end(holder, 'SIGKILL');
    await end(child, 'SIGKILL');
  }
}

/** Files to ask for, and what it takes to reach them over TLS. */
async function prepareFiles(
  directory: string,
): Promise<{ readonly file: string; text(port: number): string }> {
  const { clock, random } = nodejsHost();
  const names = ['127.0.0.1'];
  const subject = { commonName: 'bench', organizations: [] };
  const authority = await makeCertificateAuthority({ subject, clock, random });
  const use = { kind: 'server', names } as const;
  const { certificate, key } = await issueCertificate(authority, use, { subject, clock, random });
  await mkdir(join(directory, 'www'));
  await writeFile(join(directory, 'server.pem'), certificate);
  await writeFile(join(directory, 'server.key'), key.reveal());
  for (const { path, bytes } of loads)
    await writeFile(join(directory, 'www', path), randomBytes(bytes));
  const trust = Buffer.from(authority.certificate).toString('base64');
  return {
    file: join(directory, 'kubeconfig'),
    text: (port) => `
apiVersion: v1
kind: Config
clusters: [{ name: a, cluster: { server: "https://127.0.0.1:${port}", certificate-authority-data: ${trust} } }]
users: [{ name: a, user: { token: a } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
current-context: a
`,
  };
}
