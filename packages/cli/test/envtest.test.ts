import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { makeSelfSigned } from '@fairway/certificates/testing';
import { sendHttp1, suggestPort } from '@fairway/serving/testing';
import { type CommandLine, commandLine, scratchFolder } from './command-line.ts';

async function writeAccountKey(folder: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** Starts an `etcd` in the folder of a command line. */
async function startEtcd(line: CommandLine, ...flags: readonly string[]) {
  const url = `http://127.0.0.1:${await suggestPort()}`;
  const running = line.start('etcd', '--listen-client-urls', url, ...flags);
  await running.until('answers /health on');
  return { url, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const accounts = [
  '--service-account-issuer=https://x',
  '--service-account-signing-key-file=sa.key',
];

/** Starts a `kube-apiserver` whose certificates are made in `certs`. */
async function startApi(line: CommandLine, etcd: string, ...flags: readonly string[]) {
  const port = await suggestPort();
  const running = line.start(
    'kube-apiserver',
    ...accounts,
    `--etcd-servers=${etcd}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--cert-dir=certs',
    ...flags,
  );
  const { err } = await running.until('Serving securely on');
  return {
    url: `https://127.0.0.1:${port}`,
    err,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const json = { 'content-type': 'application/json' };
const insecure = { rejectUnauthorized: false };
const asAdmin = { authorization: 'Bearer letmein' };

suite('fairway envtest', () => {
  test('writes programs that can be run, and tells how they are found', async () => {
    await using folder = await scratchFolder();
    await mkdir(join(folder.path, 'bin'));
    await writeFile(join(folder.path, 'bin/kubectl'), '', { mode: 0o755 });
    const program = { pid: 1, command: 'fairway', file: '/opt/a node', arguments: ['--x', 'f.js'] };
    const line = commandLine(folder.path, { PATH: join(folder.path, 'bin') }, { program });
    const assets = join(folder.path, '.fairway/envtest');
    const { out, err, exitCode } = await line.run('envtest');
    assert.deepEqual([exitCode, err, out], [0, '', `export KUBEBUILDER_ASSETS=${assets}\n`]);
    const text = await readFile(join(assets, 'kube-apiserver'), 'utf8');
    assert.match(text, /^#!\/bin\/sh\n/);
    assert.match(
      text,
      /^exec '\/opt\/a node' --max-semi-space-size=8 --x f\.js kube-apiserver "\$@"$/m,
    );
    assert.equal((await stat(join(assets, 'etcd'))).mode & 0o777, 0o755);
    assert.match(await readFile(join(assets, 'kubectl'), 'utf8'), /^exec .*\/bin\/kubectl "\$@"$/m);

    // Written once more, with its own folder in PATH.
    const again = commandLine(folder.path, { PATH: assets }, { program });
    const second = await again.run('envtest', '.fairway/envtest', '-p', 'path');
    assert.deepEqual([second.exitCode, second.out], [0, `${assets}\n`]);
    assert.match(second.err, /^warning: there is no kubectl in PATH/);
    const wrong = await again.run('envtest', '--print', 'json');
    assert.match(wrong.err, /^error: cannot print "json": it is env or path\n$/);
  });

  test('both programs list the flags by which test environments know their versions', async () => {
    await using folder = await scratchFolder();
    const line = commandLine(folder.path);
    const etcd = await line.run('etcd', '--help');
    assert.equal(etcd.exitCode, 0);
    assert.match(etcd.out, /^\s*--unsafe-no-fsync\b/m);
    const api = await line.run('kube-apiserver', '--help');
    assert.equal(api.exitCode, 0);
    assert.match(api.out, /^\s*--service-account-issuer\b/m);
    assert.doesNotMatch(api.out, /^\s*--insecure-port\b/m);
  });

  test('what etcd keeps for a kube-apiserver outlives that, and every other request is refused', async () => {
    await using folder = await scratchFolder();
    await writeAccountKey(folder.path);
    await writeFile(join(folder.path, 'tokens'), 'letmein,ann,1,system:masters\n');
    const line = commandLine(folder.path);
    await using etcd = await startEtcd(line, '--data-dir=data', '--unsafe-no-fsync');
    const health = await sendHttp1(`${etcd.url}/health`);
    assert.deepEqual([health.status, health.text], [200, '{"health":"true","reason":""}\n']);
    assert.equal((await sendHttp1(`${etcd.url}/readyz`)).text, 'ok\n');
    for (const [method, path] of [
      ['GET', '/version'],
      ['PUT', '/health'],
    ] as const) {
      const { status, text } = await sendHttp1(`${etcd.url}${path}`, { method });
      assert.equal(status, 501);
      assert.match(text, /"this is no etcd but what Fairway has in its place for envtest/);
    }
    const flags = ['--authorization-mode=RBAC', '--token-auth-file=tokens'];
    {
      await using api = await startApi(line, etcd.url, ...flags);
      const configMaps = `${api.url}/api/v1/namespaces/default/configmaps`;
      const body = '{"metadata":{"name":"a"}}';
      const options = { ...insecure, method: 'POST', headers: { ...asAdmin, ...json }, body };
      assert.equal((await sendHttp1(configMaps, options)).status, 201);
    }
    await using api = await startApi(line, etcd.url, ...flags);
    const path = '/api/v1/namespaces/default/configmaps/a';
    // The certificate that the first start has made, by the authority behind it.
    const ca = (await readFile(join(folder.path, 'certs/apiserver.crt'), 'utf8')).split(
      /(?<=-----END CERTIFICATE-----)\n/,
    )[1];
    const found = await sendHttp1(`${api.url}${path}`, { headers: asAdmin, ca });
    assert.equal(found.status, 200);
    assert.equal((await sendHttp1(`${api.url}/readyz`, insecure)).text, 'ok');
    assert.equal((await sendHttp1(`${api.url}${path}`, insecure)).status, 403);
  });

  test('the flags of a Java suite are taken, with a client that certifies itself', async () => {
    await using folder = await scratchFolder();
    const client = await makeSelfSigned('O=system:masters, CN=kubeapitest');
    await writeFile(join(folder.path, 'client.crt'), client.certificate);
    await writeFile(join(folder.path, 'sa.key'), client.key.reveal());
    const line = commandLine(folder.path);
    const etcdUrl = `http://127.0.0.1:${await suggestPort()}`;
    const etcdFlags =
      `-data-dir data -wal-dir wal --listen-client-urls ${etcdUrl} --advertise-client-urls ${etcdUrl} ` +
      '--initial-cluster default=http://localhost:1 --listen-peer-urls http://localhost:1 ' +
      '--initial-advertise-peer-urls http://localhost:1';
    await using etcd = line.start('etcd', ...etcdFlags.split(' '));
    await etcd.until('answers /health on');
    const port = await suggestPort();
    const apiFlags =
      `--cert-dir certs --secure-port ${port} --etcd-servers ${etcdUrl} --authorization-mode RBAC ` +
      '--service-account-issuer https://localhost --service-account-signing-key-file sa.key ' +
      '--service-account-key-file sa.key --service-account-issuer client.crt ' +
      '--disable-admission-plugins ServiceAccount --client-ca-file client.crt ' +
      '--bind-address 127.0.0.1 --service-cluster-ip-range 10.0.0.0/24 --allow-privileged';
    await using api = line.start('kube-apiserver', ...apiFlags.split(' '));
    await api.until('Serving securely on');
    const pods = `https://127.0.0.1:${port}/api/v1/namespaces/default/pods`;
    const container = { name: 'a', image: 'a', securityContext: { privileged: true } };
    const body = JSON.stringify({ metadata: { name: 'a' }, spec: { containers: [container] } });
    const { status, text } = await sendHttp1(pods, {
      ...insecure,
      method: 'POST',
      headers: json,
      body,
      cert: client.certificate,
      key: client.key.reveal(),
    });
    assert.equal(status, 201, text);
  });

  test('without flags a kube-apiserver has the defaults of one', async () => {
    await using folder = await scratchFolder();
    await writeAccountKey(folder.path);
    await writeFile(join(folder.path, 'tokens'), 'letmein,ann,1\n');
    const line = commandLine(folder.path);
    await using etcd = await startEtcd(line, '--data-dir=data', '--unsafe-no-fsync=true');
    await using api = await startApi(
      line,
      etcd.url,
      '--token_auth_file=tokens',
      '--runtime-config=apps/v1=false',
      '--enable-admission-plugins=NodeRestriction,ValidatingAdmissionWebhook',
      '-v=6',
    );
    assert.doesNotMatch(api.err, /admission plugin/);
    const ask = async (path: string, options: object = {}) =>
      sendHttp1(`${api.url}${path}`, { ...insecure, headers: { ...asAdmin, ...json }, ...options });
    // Everybody may do everything, and so nobody is anonymous.
    assert.equal((await ask('/api/v1/secrets')).status, 200);
    assert.equal((await sendHttp1(`${api.url}/healthz`, insecure)).status, 401);
    assert.equal((await ask('/apis/apps/v1/deployments')).status, 404);
    const container = { name: 'a', image: 'a', securityContext: { privileged: true } };
    const body = JSON.stringify({ metadata: { name: 'a' }, spec: { containers: [container] } });
    await ask('/api/v1/namespaces/default/serviceaccounts', {
      method: 'POST',
      body: '{"metadata":{"name":"default"}}',
    });
    const refused = await ask('/api/v1/namespaces/default/pods', { method: 'POST', body });
    assert.equal(refused.status, 422);
    assert.match(refused.text, /privileged: Forbidden: disallowed by cluster policy/);
  });

  test('flags that cannot be used are refused by their names', async () => {
    await using folder = await scratchFolder();
    await writeAccountKey(folder.path);
    const line = commandLine(folder.path);
    await using etcd = await startEtcd(line, '--data-dir=data');
    const given = [...accounts, '--cert-dir=certs', '--bind-address=127.0.0.1'];
    const toEtcd = `--etcd-servers=${etcd.url}`;
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /needs --etcd-servers, --service-account-issuer, --service-account-signing-key-file/],
      [['--no-such-flag=1'], /unknown option '--no-such-flag/],
      [[...given, toEtcd, '--insecure-port=0'], /unknown option '--insecure-port/],
      [[...given, '--etcd-servers=http://127.0.0.1:1'], /127\.0\.0\.1:1: .*ECONNREFUSED/],
      [[...given, '--etcd-servers=https://a:1'], /it is not one URL that begins http:\/\//],
      [[...given, `${toEtcd},http://b`], /it is not one URL that begins http:\/\//],
      [[...given, toEtcd, '--secure-port=0'], /--secure-port "0": it is no port from 1 to 65535/],
      [[...given, toEtcd, '--bind-address=localhost'], /"localhost": it is no IP address/],
      [[...given, toEtcd, '--advertise-address=x'], /--advertise-address "x": it is no IP/],
      [[...given, toEtcd, '--tls-cert-file=a'], /without --tls-private-key-file/],
      [[...given, toEtcd, '--allow-privileged=maybe'], /"maybe": it is true or false/],
      [[...given, toEtcd, '--feature-gates=Nope=true'], /"Nope" is no feature gate/],
      [[...given, toEtcd, '--runtime-config=v1=false'], /add v1=true/],
      [[...given, toEtcd, '--enable-admission-plugins=X'], /there is no admission plugin "X"/],
      [[...given, toEtcd, '--service-cluster-ip-range=x'], /--service-cluster-ip-range/],
    ];
    for (const [flags, message] of refusals) {
      const { exitCode, err } = await line.run('kube-apiserver', ...flags);
      assert.equal(exitCode, 1, flags.join(' '));
      assert.match(err, message);
    }
    const others: readonly (readonly [readonly string[], RegExp])[] = [
      [['--listen-client-urls=https://127.0.0.1:1'], /etcd over TLS has no stand-in/],
      [['--quota-backend-bytes=1'], /unknown option '--quota-backend-bytes/],
    ];
    for (const [flags, message] of others) {
      const { exitCode, err } = await line.run('etcd', ...flags);
      assert.equal(exitCode, 1);
      assert.match(err, message);
    }
  });
});
