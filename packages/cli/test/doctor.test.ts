import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type RequestListener, request as requestHttp } from 'node:http';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { ServiceAccount } from '@fairway/kinds/core/v1';
import { installedKubectls } from '../../../test/installed-kubectls.ts';
import type { DoctorReport } from '../src/doctor/report.ts';
import { stepText } from '../src/doctor/report-text.ts';
import { clusterIn } from './cluster-in.ts';
import { type ClusterWithoutNode, openClusterWithoutNode } from './cluster-without-node.ts';
import { commandLine } from './command-line.ts';
import { inTheClear, onConnection } from './examined-cluster.ts';

const kubectl = (await installedKubectls()).at(-1)?.file;
const skip = kubectl === undefined && 'kubectl is not on the PATH';

suite('fairway doctor at a cluster', () => {
  let cluster: ClusterWithoutNode;
  let token: string;

  before(async () => {
    cluster = await openClusterWithoutNode();
    const { admin } = cluster;
    await admin.create(ServiceAccount, { metadata: { name: 'web', namespace: 'default' } });
    token = (await cluster.shell.run('create', 'token', 'web')).out.trim();
  });
  after(() => cluster[Symbol.asyncDispose]());

  async function examine(...words: readonly string[]): Promise<DoctorReport> {
    const { out, err, exitCode } = await cluster.shell.run('doctor', '-o', 'json', ...words);
    assert.equal(err, '');
    const report = JSON.parse(out) as DoctorReport;
    assert.equal(report.exitCode, exitCode);
    return report;
  }
  /** Whoever has a token and no certificate, as a user of the kubeconfig. */
  async function examineAs(bearer: string, ...words: readonly string[]): Promise<DoctorReport> {
    await cluster.shell.run('config', 'set-credentials', 'bearer', '--token', bearer);
    return await examine('--user', 'bearer', ...words);
  }
  const found = ({ steps }: DoctorReport, step: string): string =>
    steps.find(({ name }) => name === step)?.found ?? '';

  test('finds nothing wrong where nothing is', async () => {
    const report = await examine('--can', 'get', 'pods', '--can', 'delete', 'nodes');
    const states = report.steps.map(({ name, status }) => `${name} ${status}`);
    assert.deepEqual(states, [
      'kubeconfig ok',
      'credentials ok',
      'proxy ok',
      'name ok',
      'address ok',
      'tls ok',
      'api ok',
      'clock ok',
      'version ok',
      'identity ok',
      'rights ok',
      'streams ok',
    ]);
    assert.equal(report.exitCode, 0);
    assert.equal(report.failed, null);
    const { serverMinor, clientMinor } = report.steps[8]?.details ?? {};
    assert.equal(clientMinor, serverMinor);
    const { alpn } = report.steps[5]?.details ?? {};
    assert.equal(alpn, 'h2');
    const { out, exitCode } = await cluster.shell.run('doctor');
    assert.match(out, /^✓ identity {5}fairway-admin, of system:masters, system:authenticated$/m);
    assert.match(out, /\n\nThe way into https:\/\/127\.0\.0\.1:\d+ is open\.\n$/);
    assert.equal(exitCode, 0);
    const yaml = await cluster.shell.run('doctor', '-o', 'yaml');
    assert.match(yaml.out, /^kind: DoctorReport$/m);
  });

  test('asks for the exact right that is missing', { skip }, async () => {
    const wishes = [
      ['get', 'pods'],
      ['list', 'nodes'],
      ['get', 'deploy.apps/web'],
      ['get', '/metrics'],
    ].flatMap((each) => ['--can', ...each]);
    const report = await examineAs(token, ...wishes);
    assert.equal(report.failed, 'rights');
    assert.equal(report.exitCode, 20);
    const step = report.steps.find(({ name }) => name === 'rights');
    assert.match(step?.found ?? '', /^no: get pods in default; no: list nodes everywhere/);
    assert.deepEqual(step?.details?.['rules'], [
      { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespace: 'default' },
      { verbs: ['list'], apiGroups: [''], resources: ['nodes'] },
      {
        verbs: ['get'],
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: ['web'],
        namespace: 'default',
      },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ]);
    const { variables, workingDirectory } = cluster.shell.host.environment;
    // kubectl keeps what it knows of a server at home.
    const env = { PATH: process.env['PATH'] ?? '', HOME: workingDirectory, ...variables };
    for (const line of step?.remedies ?? []) {
      await promisify(execFile)('bash', ['-c', line.replaceAll('kubectl', kubectl ?? '')], { env });
    }
    assert.equal((await examineAs(token, ...wishes)).exitCode, 0);
  });

  test('knows why a token is refused', async () => {
    const wrong = await cluster.shell.run('create', 'token', 'web', '--audience', 'vault');
    const other = await examineAs(wrong.out.trim());
    assert.equal(other.failed, 'identity');
    assert.equal(other.exitCode, 19);
    assert.match(
      found(other, 'identity'),
      /^401 Unauthorized: the token is for another audience: it is for vault/,
    );
    const [head = '', claims = '', signature = ''] = token.split('.');
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
    const old = Buffer.from(JSON.stringify({ ...said, exp: 1_000_000_000 })).toString('base64url');
    const expired = await examineAs(`${head}.${old}.${signature}`);
    assert.match(
      found(expired, 'identity'),
      /the token has expired: it was valid until 2001-09-09/,
    );
    assert.equal(expired.exitCode, 19);
  });

  test('knows why a client certificate is refused', async () => {
    const subject = { commonName: 'ann', organizations: ['system:masters'] };
    const machine = { subject, clock: systemClock, random: systemRandom };
    const stranger = await makeCertificateAuthority(machine);
    const pair = await issueCertificate(stranger, { kind: 'client' }, machine);
    await writeFile(join(cluster.path, 'ann.crt'), pair.certificate);
    await writeFile(join(cluster.path, 'ann.key'), pair.key.reveal(), { mode: 0o600 });
    const report = await examine('--client-certificate', 'ann.crt', '--client-key', 'ann.key');
    assert.equal(report.failed, 'identity', JSON.stringify(report.steps));
    assert.match(found(report, 'identity'), /issued by another authority/);
  });

  test('examines the way in of a pod', async () => {
    const { url, ca } = await clusterIn(cluster.path);
    const directory = join(cluster.path, 'account');
    await mkdir(directory);
    await writeFile(join(directory, 'token'), token);
    await writeFile(join(directory, 'ca.crt'), ca);
    await writeFile(join(directory, 'namespace'), 'default');
    const { hostname, port } = new URL(url);
    const pod = commandLine(cluster.path, {
      HOME: '/nowhere',
      FAIRWAY_SERVICE_ACCOUNT_DIRECTORY: directory,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
    });
    const { out, exitCode } = await pod.run('doctor');
    assert.match(
      out,
      /^✓ kubeconfig +the service account of this pod in .*: https:\/\/127\.0\.0\.1:\d+$/m,
    );
    assert.match(out, /^✓ credentials +a token of system:serviceaccount:default:web, until /m);
    assert.match(out, /^✓ identity +system:serviceaccount:default:web, of system:serviceaccounts/m);
    assert.equal(exitCode, 0);
  });

  test('finds what does not pass on upgrades, and what does', async () => {
    await using proxy = cluster.shell.start('proxy', '--port', '0');
    const { out } = await proxy.until('Starting to serve on');
    const port = Number(/:(\d+)$/m.exec(out)?.[1]);
    const through = await examine('--server', `http://127.0.0.1:${port}`);
    assert.equal(through.exitCode, 0, JSON.stringify(through.steps));
    await using deaf = await inTheClear(withoutUpgrade(port));
    const report = await examine('--server', `http://127.0.0.1:${deaf.port}`);
    assert.equal(report.failed, 'streams', JSON.stringify(report.steps));
    assert.equal(report.exitCode, 21);
    assert.match(
      found(report, 'streams'),
      /the answer is 200 and no WebSocket: something in between/,
    );
  });

  test('cannot tell of upgrades without a right to watch', async () => {
    await cluster.admin.create(ServiceAccount, {
      metadata: { name: 'idle', namespace: 'default' },
    });
    const idle = (await cluster.shell.run('create', 'token', 'idle')).out.trim();
    const report = await examineAs(idle);
    assert.equal(report.exitCode, 0);
    assert.match(found(report, 'rights'), /^no right on any object in namespace default$/);
    assert.match(found(report, 'streams'), /^nothing may be watched in namespace default/);
  });

  test('gives a plugin the time that it is given, and colours to a terminal', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' };
    const sleeping = {
      name: 'sleeping',
      user: { exec: { ...exec, command: 'sleep', args: ['600'] } },
    };
    const file = join(cluster.path, 'sleeping');
    const kept = await readFile(join(cluster.path, '.fairway/kubeconfig'), 'utf8');
    const users = JSON.stringify([sleeping]).slice(1, -1);
    await writeFile(file, kept.replace(/^users:\n/m, `users:\n- ${users}\n`), { mode: 0o600 });
    const words = [
      'doctor',
      '--kubeconfig',
      file,
      '--user',
      'sleeping',
      '--plugin-timeout',
      '100ms',
    ];
    const { out, exitCode } = await cluster.shell.run(...words);
    assert.equal(exitCode, 11, out);
    assert.match(
      out,
      /^✗ credentials {2}exec: executable sleep failed: sleep did not end within 100 ms$/m,
    );
    assert.match(out, /^✓ api /m);
    assert.match(out, /^– not tried {4}identity, rights, streams$/m);
    const report = await examine(
      '--kubeconfig',
      file,
      '--user',
      'sleeping',
      '--plugin-timeout',
      '9ms',
    );
    const [step] = report.steps;
    assert.ok(step !== undefined);
    const text = stepText({ ...step, found: '\u001b[2J' }, { hasColors: true });
    assert.equal(text, '\u001b[32m✓\u001b[39m \u001b[1mkubeconfig   \u001b[22m^[[2J\n');
  });

  test('refuses flags that mean nothing, and ends when it is interrupted', async () => {
    for (const [words, message] of [
      [['--can', 'get'], /^error: --can takes a verb and a resource/],
      [['--step-timeout', '0s'], /^error: cannot use --step-timeout "0s"/],
      [['--plugin-timeout', 'soon'], /^error: cannot use --plugin-timeout "soon"/],
      [['-o', 'wide'], /^error: --output must be 'json' or 'yaml'/],
    ] as const) {
      const { err, exitCode } = await cluster.shell.run('doctor', ...words);
      assert.match(err, message);
      assert.equal(exitCode, 1);
    }
    // What is over is shown, while the server is waited for.
    const heard = Promise.withResolvers<void>();
    await using silent = await onConnection(() => heard.resolve());
    await using running = cluster.shell.start(
      'doctor',
      '--server',
      `https://127.0.0.1:${silent.port}`,
    );
    await heard.promise;
    await running.until('✓ address');
    running.interrupt();
    assert.equal((await running.ended).exitCode, 130);
  });

  test('says what the exit codes of the guide say', async () => {
    const { allSteps } = await import('../src/doctor/all-steps.ts');
    const guide = await readFile(
      new URL('../../../docs/guides/doctor.md', import.meta.url),
      'utf8',
    );
    const rows = [...guide.matchAll(/^\| (\d+) \| `([a-z]+)` \|/gm)].map(
      ([, code, name]) => `${name} ${code}`,
    );
    assert.deepEqual(
      rows,
      allSteps.map(({ name, exitCode }) => `${name} ${exitCode}`),
    );
  });
});

/** Passes requests on as a load balancer does that knows nothing of upgrades. */
function withoutUpgrade(port: number): RequestListener {
  return (request, response) => {
    const { upgrade: _, connection: __, ...headers } = request.headers;
    const { method = '', url = '' } = request;
    const onward = requestHttp(
      { host: '127.0.0.1', port, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
}
