import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ambassadorNodeFlags } from '../../tools/build/ambassador-image.ts';
import { openSession, requestText } from '../server/load/session.ts';
import { cpuMsOf, rssMegabytesOf } from '../server/process-usage.ts';
import { installedProgram } from '../server/published-program.ts';
import { type ServerProcess, end, startClusterProcess } from '../server/server-process.ts';

const starts = 7;
const requests = 10_000;
const atOnce = 16;
const asked = '/api/v1/namespaces/default/serviceaccounts/default';

/** What `fairway ambassador` takes as its image starts it: time to the first answer, memory, CPU. */
export async function runAmbassadorBench(): Promise<void> {
  const { launcher } = await installedProgram();
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  try {
    const compileCache = join(directory, 'cache');
    await using cluster = await startClusterProcess({ directory, compileCache });
    const account = await placeAccount(cluster, directory);
    for (const nodeFlags of [ambassadorNodeFlags, ['--max-semi-space-size=1'], []]) {
      const words = [
        ...nodeFlags,
        launcher,
        'ambassador',
        '--port=0',
        '--health-address=127.0.0.1:0',
      ];
      console.log(nodeFlags.join(' ') || 'no flags');
      const firstMs: number[] = [];
      for (let at = 1; at <= starts; at++) {
        const startedMs = performance.now();
        const child = spawn(process.execPath, words, {
          env: podVariables(cluster, account),
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        try {
          await measure(child, { startedMs, firstMs, isLast: at === starts });
        } finally {
          await end(child, 'SIGTERM');
        }
      }
      const [median = 0] = firstMs.sort((a, b) => a - b).slice(starts / 2);
      console.log(
        `  first answer after ${median.toFixed(0)} ms (median of ${starts}, best ${firstMs[0]?.toFixed(0)})`,
      );
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function measure(
  { stdout, pid = 0 }: ChildProcess,
  round: { readonly startedMs: number; readonly firstMs: number[]; readonly isLast: boolean },
): Promise<void> {
  if (stdout === null) throw new Error('the ambassador has no output');
  const [line] = (await once(stdout, 'data')) as [Buffer];
  const port = Number(/:(\d+)\n/.exec(String(line))?.[1]);
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  await ask(port, agent);
  round.firstMs.push(performance.now() - round.startedMs);
  if (!round.isLast) return;
  const [cpuMs, idle] = [cpuMsOf(pid), rssMegabytesOf(pid)];
  let sent = 1;
  const askInTurn = async (): Promise<void> => {
    while (sent++ <= requests) await ask(port, agent);
  };
  await Promise.all(Array.from({ length: atOnce }, askInTurn));
  agent.destroy();
  console.log(
    `  start ${cpuMs} ms of CPU, RSS ${idle.toFixed(1)} MB, after ${requests} requests ${rssMegabytesOf(pid).toFixed(1)} MB, ` +
      `${(((cpuMsOf(pid) - cpuMs) * 1_000) / requests).toFixed(0)} µs of CPU each`,
  );
}

async function ask(port: number, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  get({ host: '127.0.0.1', port, path: asked, agent }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode));
  }).on('error', reject);
  const status = await promise;
  if (status !== 200) throw new Error(`the ambassador answered ${status}`);
}

/** What a kubelet puts into a pod. */
async function placeAccount({ address }: ServerProcess, directory: string): Promise<string> {
  const folder = join(directory, 'account');
  await mkdir(folder);
  await using session = await openSession(address);
  const post = (path: string, body: object) =>
    requestText(session.http2, { method: 'POST', path, body: JSON.stringify(body) });
  await post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'ambassador' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
  });
  const { text: answer } = await post(`${asked}/token`, {});
  const { status } = JSON.parse(answer) as { readonly status: { readonly token: string } };
  await writeFile(join(folder, 'token'), status.token);
  await writeFile(join(folder, 'namespace'), 'default');
  await copyFile(join(directory, 'pki/ca.crt'), join(folder, 'ca.crt'));
  return folder;
}

function podVariables({ address }: ServerProcess, account: string): Record<string, string> {
  const { hostname, port } = new URL(address.url);
  return {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    FAIRWAY_SERVICE_ACCOUNT_DIRECTORY: account,
    // As in the image, which has no place for it.
    NODE_DISABLE_COMPILE_CACHE: '1',
  };
}
