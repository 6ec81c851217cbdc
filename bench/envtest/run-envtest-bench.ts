import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { suggestPort } from '@fairway/serving/testing';
import { percentile } from '../server/load/percentile.ts';
import { cpuMsOf } from '../server/process-usage.ts';
import { end, fairway, startClusterProcess } from '../server/server-process.ts';

const sourceFlags = ['--conditions=@fairway/source', '--disable-warning=ExperimentalWarning'];
const startsEach = 7;

/**
 * Measures what a test environment waits for: the `etcd` and the `kube-apiserver` of `fairway envtest`, each
 * in a process of its own from its start to the line that says it is ready, and the end after SIGTERM. The
 * compile cache is warm. In the same run: Node.js alone, and `fairway up`.
 */
export async function runEnvtestBench(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'fairway-bench-'));
  try {
    const suite = await prepareSuite(directory);
    await runSuite(suite);
    const runs: SuiteRun[] = [];
    for (let round = 0; round < startsEach; round++) runs.push(await runSuite(suite));
    const cluster = { directory: join(directory, 'up'), compileCache: suite.compileCache };
    await (await startClusterProcess(cluster))[Symbol.asyncDispose]();
    await using up = await startClusterProcess(cluster);
    const node = Array.from({ length: startsEach }, () => timeNode());
    print('node -e 0', node);
    print(
      'etcd to /health',
      runs.map(({ etcdMs }) => etcdMs),
    );
    print(
      'kube-apiserver to /readyz, new data',
      runs.map(({ apiMs }) => apiMs),
    );
    print(
      '… CPU',
      runs.map(({ apiCpuMs }) => apiCpuMs),
    );
    print(
      'kube-apiserver, started again',
      runs.map(({ againMs }) => againMs),
    );
    print(
      'both stopped',
      runs.map(({ stopMs }) => stopMs),
    );
    print('fairway up, later start', [up.readyMs]);
    print('… CPU', [up.readyCpuMs]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function print(what: string, values: readonly number[]): void {
  console.log(`${what.padEnd(40)} ${percentile(values, 0.5).toFixed(0)} ms`);
}

function timeNode(): number {
  const startedMs = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return performance.now() - startedMs;
}

interface Suite {
  readonly directory: string;
  readonly compileCache: string;
  readonly etcdPort: number;
  readonly port: number;
}

/** Writes what a test environment writes before it starts anything. */
async function prepareSuite(directory: string): Promise<Suite> {
  const terms = { clock: systemClock, random: systemRandom, validityMs: 3_600_000 };
  const subject = { commonName: 'localhost', organizations: [] };
  const authority = await makeCertificateAuthority({ ...terms, subject });
  const use = { kind: 'server', names: ['localhost', '127.0.0.1'] } as const;
  const { certificate, key } = await issueCertificate(authority, use, { ...terms, subject });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  mkdirSync(join(directory, 'certs'));
  writeFileSync(join(directory, 'certs/apiserver.crt'), certificate);
  writeFileSync(join(directory, 'certs/apiserver.key'), key.reveal());
  writeFileSync(join(directory, 'certs/ca.crt'), authority.certificate);
  writeFileSync(
    join(directory, 'certs/sa.key'),
    privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const [etcdPort, port] = [await suggestPort(), await suggestPort()];
  return { directory, compileCache: join(directory, 'cache'), etcdPort, port };
}

interface SuiteRun {
  readonly etcdMs: number;
  readonly apiMs: number;
  readonly apiCpuMs: number;
  readonly againMs: number;
  readonly stopMs: number;
}

async function runSuite(suite: Suite): Promise<SuiteRun> {
  const { directory, etcdPort, port } = suite;
  const data = mkdtempSync(join(directory, 'etcd-'));
  const etcd = await start(suite, 'answers /health', [
    'etcd',
    `--data-dir=${data}`,
    `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
    '--unsafe-no-fsync=true',
  ]);
  const flags = [
    'kube-apiserver',
    '--allow-privileged=true',
    '--authorization-mode=RBAC',
    '--bind-address=127.0.0.1',
    `--cert-dir=${directory}/certs`,
    `--client-ca-file=${directory}/certs/ca.crt`,
    '--disable-admission-plugins=ServiceAccount',
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--secure-port=${port}`,
    `--service-account-issuer=https://127.0.0.1:${port}/`,
    `--service-account-key-file=${directory}/certs/sa.key`,
    `--service-account-signing-key-file=${directory}/certs/sa.key`,
    '--service-cluster-ip-range=10.0.0.0/24',
  ];
  const first = await start(suite, 'Serving securely', flags);
  await end(first.child, 'SIGTERM');
  const again = await start(suite, 'Serving securely', flags);
  const stoppedMs = performance.now();
  await end(again.child, 'SIGTERM');
  await end(etcd.child, 'SIGTERM');
  const stopMs = performance.now() - stoppedMs;
  return {
    etcdMs: etcd.readyMs,
    apiMs: first.readyMs,
    apiCpuMs: first.readyCpuMs,
    againMs: again.readyMs,
    stopMs,
  };
}

async function start({ compileCache }: Suite, ready: string, words: readonly string[]) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...sourceFlags, fairway, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, MALLOC_ARENA_MAX: '1', NODE_COMPILE_CACHE: compileCache },
  });
  let said = '';
  const isReady = await new Promise<boolean>((resolve) => {
    child.once('close', () => resolve(false));
    child.stderr.on('data', (chunk: Buffer) => {
      said += String(chunk);
      if (said.includes(ready)) resolve(true);
    });
  });
  if (!isReady) throw new Error(`${words[0]} did not start:\n${said}`);
  return { child, readyMs: performance.now() - startedMs, readyCpuMs: cpuMsOf(child.pid ?? 0) };
}
