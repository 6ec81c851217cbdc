import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from './command-line.ts';

const launcher = fileURLToPath(new URL('../bin/fairway.js', import.meta.url));
/** A cluster that runs no pods, on a free port. */
const upEmpty = ['up', '--node', 'none', '--listen', '127.0.0.1:0'] as const;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the launcher as a user does, in a folder of its own. */
function fairway(folder: string, ...words: readonly string[]): Promise<Ended> {
  const env = { ...process.env, KUBECONFIG: join(folder, '.fairway/kubeconfig') };
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...words], { cwd: folder, env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

async function pidIn(folder: string): Promise<number> {
  const record = JSON.parse(await readFile(join(folder, '.fairway/fairway.pid'), 'utf8')) as {
    pid: number;
  };
  return record.pid;
}

test('fairway up -d survives kill -9: the next up finds every object', async () => {
  await using folder = await scratchFolder();
  const { path } = folder;
  try {
    const up = await fairway(path, ...upEmpty, '-d');
    assert.deepEqual([up.code, up.err], [0, '']);
    assert.match(up.out, /Stop it with (npx )?fairway down\./);
    const uid = await fairway(path, 'get', 'ns', 'default', '-o', 'jsonpath={.metadata.uid}');
    assert.match(uid.out, /^[0-9a-f-]{36}$/);
    const pid = await pidIn(path);
    if (process.platform === 'linux') {
      assert.match(await readFile(`/proc/${pid}/environ`, 'utf8'), /(^|\0)MALLOC_ARENA_MAX=1\0/);
    }

    const second = await fairway(path, ...upEmpty, '-d');
    assert.equal(second.code, 1);
    assert.match(
      second.err,
      new RegExp(`^error: .* runs on it already \\(process ${pid}\\); stop it with`),
    );

    process.kill(pid, 'SIGKILL');
    const again = await fairway(path, ...upEmpty, '-d');
    assert.deepEqual([again.code, again.err], [0, '']);
    assert.notEqual(await pidIn(path), pid);
    const found = await fairway(path, 'get', 'ns', 'default', '-o', 'jsonpath={.metadata.uid}');
    assert.equal(found.out, uid.out);
  } finally {
    assert.match((await fairway(path, 'down')).out, /^Stopped the cluster on /);
  }
  assert.match((await fairway(path, 'down')).out, /^No cluster runs on /);
});

test('fairway up --legacy-service-account-tokens gives accounts secrets as before 1.24', async () => {
  await using folder = await scratchFolder();
  const flags = ['-d', '--memory', '--legacy-service-account-tokens'];
  const up = await fairway(folder.path, ...upEmpty, ...flags);
  assert.equal(up.code, 0, up.err);
  try {
    const filled = /^default-token-[a-z0-9]{5} +kubernetes\.io\/service-account-token +3 +\d+s$/m;
    while (true) {
      const { code, out, err } = await fairway(folder.path, 'get', 'secrets');
      assert.equal(code, 0, err);
      if (filled.test(out)) break;
    }
  } finally {
    await fairway(folder.path, 'down');
  }
});

test('fairway up keeps what it has compiled while it runs, for a start after a kill', async () => {
  await using folder = await scratchFolder();
  const compiled = join(folder.path, 'compiled');
  const up = spawn(process.execPath, [launcher, ...upEmpty, '--memory'], {
    cwd: folder.path,
    stdio: 'ignore',
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  const closed = once(up, 'close');
  const kept = async (): Promise<number> =>
    (await readdir(compiled, { recursive: true }).catch(() => [])).length;
  try {
    const hasEnded = (): boolean => up.exitCode !== null || up.signalCode !== null;
    while ((await kept()) < modulesKeptMin && !hasEnded()) await delay(20);
    assert.ok(!hasEnded());
  } finally {
    up.kill();
    await closed;
  }
});

/** A server loads several hundred. */
const modulesKeptMin = 100;

test('fairway up -d says why the cluster did not start', async () => {
  await using folder = await scratchFolder();
  const { code, err } = await fairway(
    folder.path,
    'up',
    '--node',
    'none',
    '-d',
    '--listen',
    '192.0.2.1:1',
  );
  assert.equal(code, 1);
  assert.match(err, /^error: cannot listen on 192\.0\.2\.1:1: .*choose one of its own.*\n$/);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`fairway up ends well at the first ${signal}, and gives a shared kubeconfig back`, async () => {
    await using folder = await scratchFolder();
    const shared = join(folder.path, 'shared');
    await writeFile(shared, kubeconfigOfOthers);
    const words = [launcher, ...upEmpty, '--kubeconfig', 'shared'];
    const child: ChildProcess = spawn(process.execPath, words, {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      if (out.includes('Stop it with Ctrl-C')) child.kill(signal);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0, out);
    assert.equal(await readFile(shared, 'utf8'), kubeconfigOfOthers);
    assert.match((await fairway(folder.path, 'down')).out, /^No cluster runs on .*\n$/);
  });
}

const kubeconfigOfOthers = `# mine
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster:
    server: https://prod
contexts:
- name: prod
  context:
    cluster: prod
    user: prod
users:
- name: prod
  user:
    token: abc
current-context: prod
`;

test('fairway up --kubeconfig adds to a file of others, and fairway down takes it out', async () => {
  await using folder = await scratchFolder();
  const { path } = folder;
  const shared = join(path, 'shared');
  await writeFile(shared, kubeconfigOfOthers);
  const up = [...upEmpty, '-d', '--memory', '--kubeconfig', 'shared'];
  try {
    const { code, out, err } = await fairway(path, ...up);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /Objects are in memory only: none is kept when it stops\./);
    assert.doesNotMatch(out, /kept in/);
    const found = await fairway(path, 'get', 'ns', '-o', 'name', '--kubeconfig', 'shared');
    assert.match(found.out, /^namespace\/default$/m);
    assert.match((await fairway(path, 'down')).out, /^Stopped the cluster on /);
    assert.equal(await readFile(shared, 'utf8'), kubeconfigOfOthers);

    assert.equal((await fairway(path, ...up)).code, 0);
    process.kill(await pidIn(path), 'SIGKILL');
    assert.match(await readFile(shared, 'utf8'), /current-context: fairway/);
  } finally {
    const { out } = await fairway(path, 'down');
    assert.match(out, /^No cluster runs on .*\nTook its entries out of .*shared\.\n$/);
  }
  assert.equal(await readFile(shared, 'utf8'), kubeconfigOfOthers);
});

test('fairway up takes out what a killed one left in another kubeconfig', async () => {
  await using folder = await scratchFolder();
  const { path } = folder;
  const shared = join(path, 'shared');
  await writeFile(shared, kubeconfigOfOthers);
  const up = [...upEmpty, '-d', '--memory'];
  await fairway(path, ...up, '--kubeconfig', 'shared');
  process.kill(await pidIn(path), 'SIGKILL');
  // As if it had been killed while it wrote.
  await writeFile(join(path, '.fairway/kubeconfig.lock'), '');
  try {
    assert.equal((await fairway(path, ...up)).code, 0);
    assert.equal(await readFile(shared, 'utf8'), kubeconfigOfOthers);
  } finally {
    await fairway(path, 'down');
  }
});

test('fairway up refuses a kubeconfig that it cannot change before it starts', async () => {
  await using folder = await scratchFolder();
  const { path } = folder;
  await writeFile(join(path, 'broken'), 'clusters: [');
  for (const words of [
    ['up', '--node', 'none'],
    ['up', '--node', 'none', '-d'],
  ]) {
    const { code, err } = await fairway(path, ...words, '--kubeconfig', 'broken');
    assert.equal(code, 1);
    assert.match(err, /^error: cannot change the kubeconfig \S+broken: is not YAML: line 1, .*\n$/);
    assert.equal(await readFile(join(path, 'broken'), 'utf8'), 'clusters: [');
    assert.deepEqual((await readdir(join(path, '.fairway'))).filter(isOfCluster), ['fairway.lock']);
  }
});

const isOfCluster = (name: string): boolean => name !== 'fairway.log';

for (const everywhere of ['0.0.0.0', '[::]']) {
  const isMissing =
    everywhere === '[::]' && !Object.values(networkInterfaces()).flat().some(isIpv6Loopback);
  test(
    `fairway up --listen ${everywhere}:0 is reached from here, and names what others use`,
    { skip: isMissing && 'this machine has no IPv6' },
    async () => {
      await using folder = await scratchFolder();
      const { path } = folder;
      const up = [
        'up',
        '--node',
        'none',
        '-d',
        '--memory',
        '--listen',
        `${everywhere}:0`,
        '--tls-san',
        'kube.example',
        '--controllers=clusterrole-aggregation-controller,pv-protection',
        '--authorization-mode=RBAC,AlwaysAllow',
        '--service-account-issuer=https://issuer.example',
        '--api-audiences=api',
      ];
      try {
        const { out, err } = await fairway(path, ...up);
        assert.equal(err, '');
        const [, server = '', port = ''] = /server +(https:\/\/\S+:(\d+))\n/.exec(out) ?? [];
        const loopback = everywhere === '[::]' ? '[::1]' : '127.0.0.1';
        assert.equal(server, `https://${loopback}:${port}`);
        const found = await fairway(path, 'get', 'ns', '-o', 'name');
        assert.match(found.out, /^namespace\/default$/m, found.err);
        assert.match(
          out,
          new RegExp(`From other machines:[^]*\n  https://kube\\.example:${port}\n`),
        );
        const others = out.match(/^ {2}https:\S+$/gm) ?? [];
        for (const url of others
          .map((each) => each.trim())
          .filter((each) => !/example/.test(each))) {
          const other = await fairway(path, 'get', 'ns', '-o', 'name', '--server', url);
          assert.match(other.out, /^namespace\/default$/m, `${url}: ${other.err}`);
        }
        const named = ['--tls-server-name', 'kube.example'];
        const byName = await fairway(path, 'get', 'ns', '-o', 'name', ...named);
        assert.match(byName.out, /^namespace\/default$/m, byName.err);
        // The controller that makes them is not among those that run.
        const accounts = await fairway(path, 'get', 'serviceaccounts', '-A', '-o', 'name');
        assert.equal(accounts.out, '', accounts.err);
        const byAnybody = await fairway(path, 'get', 'ns', '-o', 'name', '--as', 'anybody');
        assert.match(byAnybody.out, /^namespace\/default$/m, byAnybody.err);
        const issuer = await fairway(path, 'get', '--raw', '/.well-known/openid-configuration');
        assert.match(issuer.out, /"issuer":"https:\/\/issuer\.example"/, issuer.err);
      } finally {
        await fairway(path, 'down');
      }
    },
  );
}

function isIpv6Loopback(each: NetworkInterfaceInfo | undefined): boolean {
  return each?.address === '::1';
}
