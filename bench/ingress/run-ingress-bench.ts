import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodejsHost } from '@fairway/host/nodejs';
import { suggestPort } from '@fairway/serving/testing';
import { percentile } from '../server/load/percentile.ts';
import { cpuMsOf } from '../server/process-usage.ts';

const connectionCount = 32;
const seconds = 4;
const rounds = 5;

/** Requests of 1 KiB through an ingress, beside a plain proxy in Node.js and nginx, one after the other. */
export async function runIngressBench(): Promise<void> {
  const [address] = nodejsHost().environment.addresses;
  if (address === undefined) return console.log('this machine has no address on a network');
  const directory = await mkdtemp(join(tmpdir(), 'fairway-ingress-bench-'));
  const started: ChildProcess[] = [];
  try {
    const start = async (script: string, ...args: readonly string[]): Promise<Proxy> => {
      const file = join(import.meta.dirname, script);
      const child = spawn(process.execPath, [...process.execArgv, file, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      started.push(child);
      const [port] = await once(createInterface(child.stdout), 'line');
      return { name: script, pid: child.pid ?? 0, port: Number(port) };
    };
    const backend = await start('backend.ts', address);
    const to = [address, String(backend.port)];
    const proxies = [
      { ...(await start('plain-proxy.ts', ...to)), name: 'plain Node.js proxy' },
      { ...(await start('serve-ingress.ts', ...to, directory)), name: 'ingress' },
    ];
    const nginx = await startNginx(directory, { address, port: backend.port });
    if (nginx === undefined)
      console.log('nginx is not installed (Debian: nginx-light), and left out');
    else {
      started.push(nginx.child);
      proxies.push({ name: 'nginx, one process', pid: nginx.child.pid ?? 0, port: nginx.port });
    }
    await measureAll(proxies);
  } finally {
    for (const child of started) child.kill('SIGKILL');
    await rm(directory, { recursive: true });
  }
}

interface Proxy {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
}

/** They take turns, so that all of them see the same machine; told is the median of their rounds. */
async function measureAll(proxies: readonly Proxy[]): Promise<void> {
  const seen = proxies.map((proxy) => ({ proxy, samples: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { proxy, samples } of seen) samples.push(await measure(proxy));
  }
  const median = (values: readonly number[]): number => percentile(values, 0.5);
  let plain: Sample | undefined;
  for (const { proxy, samples } of seen) {
    const perSecond = median(samples.map((each) => each.perSecond));
    const cpuMs = median(samples.map((each) => each.cpuMs));
    plain ??= { perSecond, cpuMs };
    const ratio = (perSecond / plain.perSecond).toFixed(2);
    const cpuRatio = (plain.cpuMs / cpuMs).toFixed(2);
    console.log(
      `${proxy.name}: ${perSecond.toFixed(0)} requests a second (${ratio} of the plain proxy), ` +
        `${cpuMs.toFixed(3)} ms of CPU each (${cpuRatio})`,
    );
  }
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMs: number;
}

async function measure({ name, port, pid }: Proxy): Promise<Sample> {
  const file = join(import.meta.dirname, 'ask-proxy.ts');
  const args = [...process.execArgv, file, port, connectionCount, seconds].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await lines.next();
  const before = { cpuMs: cpuMsOf(pid), atMs: performance.now() };
  const { value } = await lines.next();
  const answered = Number(value);
  const elapsedMs = performance.now() - before.atMs;
  if (!(answered > 0)) throw new Error(`${name} answered nothing`);
  return {
    perSecond: (answered * 1_000) / elapsedMs,
    cpuMs: (cpuMsOf(pid) - before.cpuMs) / answered,
  };
}

async function startNginx(
  directory: string,
  backend: { readonly address: string; readonly port: number },
): Promise<{ readonly child: ChildProcess; readonly port: number } | undefined> {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const port = await suggestPort();
  const file = join(directory, 'nginx.conf');
  await writeFile(file, nginxConfiguration(directory, { port, backend }));
  const child = spawn('nginx', ['-c', file, '-p', directory], { stdio: 'inherit' });
  return { child, port };
}

function nginxConfiguration(
  directory: string,
  at: {
    readonly port: number;
    readonly backend: { readonly address: string; readonly port: number };
  },
): string {
  return `
daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 1024; }
http {
  access_log ${directory}/nginx-access.log;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 1000000;
  upstream web { server ${at.backend.address}:${at.backend.port}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${at.port};
    location / {
      proxy_pass http://web;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;
}
