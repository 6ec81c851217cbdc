import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const certificates = path.join(
  import.meta.dirname,
  '../../packages/client/test/fixtures/certificates',
);

/** What a program says about itself when it is done. */
export interface Sample {
  readonly cpuMs: number;
  /** Of the whole process, from its start. */
  readonly peakMegabytes: number;
  readonly heapMegabytes?: number;
  readonly count?: number;
  readonly connections?: number;
}

/** The server of a measurement. */
export interface StubServer extends AsyncDisposable {
  readonly podBytes: number;
  /** Runs a program as a process of its own that finds this server by its kubeconfig. */
  run(program: string, over: 'plain' | 'tls'): Promise<Sample>;
}

/** Starts the server in a process of its own. */
export async function startStubServer(): Promise<StubServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fairway-bench-'));
  const server = spawn(process.execPath, [path.join(import.meta.dirname, 'stub-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  const { plain, tls, podBytes } = JSON.parse(line) as Record<string, number>;
  const kubeconfigs = { plain: path.join(folder, 'plain'), tls: path.join(folder, 'tls') };
  await writeFile(kubeconfigs.plain, kubeconfigFor(`http://127.0.0.1:${plain}`));
  await writeFile(kubeconfigs.tls, kubeconfigFor(`https://127.0.0.1:${tls}`));
  const connections = async (): Promise<number> =>
    Number(await (await fetch(`http://127.0.0.1:${plain}/connections`)).text());
  return {
    podBytes: podBytes ?? 0,
    async run(program, over) {
      await connections();
      const sample = await runProgram(program, { KUBECONFIG: kubeconfigs[over] });
      return over === 'tls' ? { ...sample, connections: await connections() } : sample;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.kill();
      await closed;
      await rm(folder, { recursive: true });
    },
  };
}

/** Runs a program as a process of its own. */
export async function runProgram(
  program: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Sample> {
  const { stdout } = await run(process.execPath, ['--expose-gc', program], {
    cwd: path.dirname(program),
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...variables },
    timeout: 120_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Sample;
}

function kubeconfigFor(server: string): string {
  // client-node refuses to talk in the clear otherwise.
  const trust = server.startsWith('https:')
    ? `certificate-authority: '${certificates}/authority.pem'`
    : 'insecure-skip-tls-verify: true';
  return `
apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: here, context: { cluster: here, user: nobody, namespace: default } }]
clusters: [{ name: here, cluster: { server: '${server}', ${trust} } }]
users: [{ name: nobody, user: {} }]
`;
}
