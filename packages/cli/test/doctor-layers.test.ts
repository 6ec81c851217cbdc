import assert from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { chmod, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import {
  type CertificateUse,
  issueCertificate,
  makeCertificateAuthority,
} from '@fairway/certificates';
import { makeIntermediateAuthority, makeSelfSigned } from '@fairway/certificates/testing';
import type { Clock } from '@fairway/host';
import { nodejsHost, systemClock, systemRandom } from '@fairway/host/nodejs';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import { openBlackHole } from './black-hole.ts';
import { scratchFolder } from './command-line.ts';
import {
  type Case,
  answerAsApi,
  examine,
  inTheClear,
  listenAt,
  makeToken,
  onConnection,
  overTls,
  sendStatus,
  stepTimeoutMs,
} from './examined-cluster.ts';

type Pair = Awaited<ReturnType<typeof makeCertificateAuthority>>;

/** Which step must fail first, its exit code, what it must have found, and what must help. */
interface Diagnosis {
  readonly step: string;
  readonly exitCode: number;
  readonly found: RegExp;
  readonly remedy: RegExp;
}

const dayMs = 24 * 3_600_000;

function movedClock(byMs: number): Clock {
  return {
    now: () => systemClock.now() + byMs,
    elapsed: () => systemClock.elapsed(),
    schedule: (delayMs, run, options) => systemClock.schedule(delayMs, run, options),
  };
}

/** A clock that stands still until something has happened, and then moves by the time of one exchange. */
function stepTimeoutAfter(happened: Promise<void>): Clock {
  const clock = new ManualClock(Date.now());
  void happened.then(() => clock.advance(stepTimeoutMs));
  return clock;
}

function issue(
  authority: Pair,
  { names = ['localhost', '127.0.0.1'], atMs = 0, validityMs = 30 * dayMs } = {},
): Promise<Pair> {
  const use: CertificateUse = { kind: 'server', names };
  return issueCertificate(authority, use, {
    subject: { commonName: 'kube-apiserver', organizations: [] },
    clock: movedClock(atMs),
    random: systemRandom,
    validityMs,
  });
}

function makeAuthority(commonName: string, organization = 'cluster'): Promise<Pair> {
  const subject = { commonName, organizations: [organization] };
  return makeCertificateAuthority({
    subject,
    clock: movedClock(-900 * dayMs),
    random: systemRandom,
    validityMs: 2000 * dayMs,
  });
}

const tlsOf = ({ certificate, key }: Pair): { cert: string; key: string } => ({
  cert: certificate,
  key: key.reveal(),
});
const data = (text: string): string => Buffer.from(text).toString('base64');

async function expectDiagnosis(given: Case, expected: Diagnosis): Promise<void> {
  const report = await examine(given);
  const step = report.steps.find(({ name }) => name === report.failed);
  const shown = JSON.stringify(
    report.steps.find(({ status }) => status === 'failed') ?? report,
    null,
    1,
  );
  assert.equal(report.failed, expected.step, shown);
  assert.equal(report.exitCode, expected.exitCode, shown);
  assert.match(step?.found ?? '', expected.found, shown);
  assert.match((step?.remedies ?? []).join('\n'), expected.remedy, shown);
}

suite('fairway doctor', () => {
  let authority: Pair;
  let server: Pair;
  /** A cluster at a port, with the authority that it has. */
  const trusted = (port: number): Record<string, unknown> => ({
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': data(authority.certificate),
  });
  const user = { token: 'opaque-token' };
  const tls = (found: RegExp, remedy: RegExp): Diagnosis => ({
    step: 'tls',
    exitCode: 15,
    found,
    remedy,
  });

  before(async () => {
    authority = await makeAuthority('kubernetes');
    server = await issue(authority);
  });

  suite('kubeconfig', () => {
    const failing = (found: RegExp, remedy: RegExp): Diagnosis => ({
      step: 'kubeconfig',
      exitCode: 10,
      found,
      remedy,
    });

    for (const [title, text, found, remedy] of [
      [
        'malformed YAML',
        'clusters: [\n',
        /is not YAML: line 2/,
        /^"\$\{EDITOR:-vi\}" \S+kubeconfig$/,
      ],
      [
        'a current context that does not exist',
        '{"current-context": "gone", "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u"}}], "clusters": [{"name": "c", "cluster": {"server": "https://c"}}], "users": [{"name": "u", "user": {}}]}',
        /context was not found for specified context: gone \(has: dev\)/,
        /^fairway config use-context dev$/m,
      ],
      [
        'a context whose cluster does not exist',
        '{"current-context": "dev", "contexts": [{"name": "dev", "context": {"cluster": "gone", "user": "u"}}]}',
        /cluster "gone" was not found \(has: none\)/,
        /^fairway config view$/,
      ],
      [
        'a context whose user does not exist',
        '{"current-context": "dev", "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "gone"}}], "clusters": [{"name": "c", "cluster": {"server": "https://c"}}]}',
        /names the user "gone", which does not exist \(has: none\)/,
        /^fairway config view$/,
      ],
      [
        'a client certificate without its key',
        '{"current-context": "dev", "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u"}}], "clusters": [{"name": "c", "cluster": {"server": "https://c"}}], "users": [{"name": "u", "user": {"client-certificate": "/nowhere.crt"}}]}',
        /client-key-data or client-key must be specified.*\/nowhere\.crt: no such file/,
        /kubeconfig$/,
      ],
    ] as const) {
      test(`finds ${title}`, () => expectDiagnosis({ text }, failing(found, remedy)));
    }

    test('finds a file that cannot be read', async () => {
      const real = nodejsHost();
      const read = (): Promise<never> =>
        Promise.reject(new Error("EACCES: permission denied, open '/k'"));
      const files = Object.assign(Object.create(real.files) as typeof real.files, { read });
      await expectDiagnosis(
        { host: { files } },
        failing(/cannot be read: EACCES/, /^ls -l \S+kubeconfig$/m),
      );
    });

    test('finds a file that does not exist, and one that never ends', async () => {
      const flags = { kubeconfig: '/nowhere/kubeconfig' };
      await expectDiagnosis(
        { flags },
        failing(/no such file or directory/, /ls -l \/nowhere\/kubeconfig/),
      );
      const files = Object.assign(Object.create(nodejsHost().files), {
        read: () => new Promise(() => {}),
      });
      const stuck = { host: { files }, stepTimeoutMs: 20 };
      await expectDiagnosis(
        stuck,
        failing(/kubeconfig: there was no complete answer within 80 ms/, /./),
      );
    });

    test('shows no password in the address, and takes KUBERNETES_MASTER for one', async () => {
      const named = await examine({ cluster: { server: 'https://me:hunter2@127.0.0.1:1' }, user });
      assert.match(named.steps[0]?.found ?? '', /: https:\/\/127\.0\.0\.1:1, user "ann"$/);
      assert.ok(!JSON.stringify(named).includes('hunter2'));
      const variables = { KUBECONFIG: '', KUBERNETES_MASTER: 'https://127.0.0.1:1' };
      const { steps } = await examine({ variables });
      assert.equal(steps[0]?.found, 'KUBERNETES_MASTER: https://127.0.0.1:1');
    });

    test('says which files are absent, and which entries an earlier file hides', async () => {
      await using folder = await scratchFolder();
      const [first, second] = [join(folder.path, 'first'), join(folder.path, 'second')];
      const cluster = { name: 'dev', cluster: { server: 'https://127.0.0.1:1' } };
      const ann = { name: 'ann', user };
      const contexts = [{ name: 'dev', context: { cluster: 'dev', user: 'ann' } }];
      const whole = { 'current-context': 'dev', clusters: [cluster], users: [ann], contexts };
      await writeFile(first, JSON.stringify({ ...whole, users: [] }), { mode: 0o600 });
      await writeFile(second, JSON.stringify(whole), { mode: 0o600 });
      const { steps } = await examine({ variables: { KUBECONFIG: `${first}:/nowhere:${second}` } });
      assert.equal(steps[0]?.status, 'warning');
      const rest = steps[0]?.found.split('; ').slice(1);
      const hidden = `the cluster "dev" in ${second} does not count, as an earlier file has one`;
      assert.deepEqual(rest, ['there is no /nowhere', hidden]);
      assert.deepEqual(steps[0]?.remedies, [`export KUBECONFIG=${second}  # if that one is meant`]);
    });

    test('warns of secrets that others may read', async () => {
      await using folder = await scratchFolder();
      const token = join(folder.path, 'token');
      await writeFile(token, 'opaque-token');
      await chmod(token, 0o644);
      await using cluster = await overTls(tlsOf(server));
      const report = await examine({ cluster: trusted(cluster.port), user: { tokenFile: token } });
      const [step] = report.steps;
      assert.equal(step?.status, 'warning');
      assert.match(step?.found ?? '', /other users of this machine may read \S+token$/);
      assert.deepEqual(step?.remedies, [`chmod go-rwx ${token}`]);
    });

    const inPod = {
      KUBECONFIG: '',
      HOME: '/nowhere',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '1',
    };

    test('finds that a pod has no service account', () =>
      expectDiagnosis(
        { variables: { ...inPod, FAIRWAY_SERVICE_ACCOUNT_DIRECTORY: '/nowhere' } },
        failing(
          /this is a pod.*\/nowhere\/token does not exist/,
          /automountServiceAccountToken: true/,
        ),
      ));

    test('finds that the variables of a pod are gone', async () => {
      const files = new MemoryFiles({ '/account/token': 'opaque-token' });
      const variables = {
        KUBECONFIG: '',
        HOME: '/nowhere',
        FAIRWAY_SERVICE_ACCOUNT_DIRECTORY: '/account',
      };
      await expectDiagnosis(
        { variables, host: { files } },
        failing(
          /KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set/,
          /^export KUBERNETES_SERVICE_HOST=/,
        ),
      );
    });

    test('warns of a pod without the authority of its cluster', async () => {
      const files = new MemoryFiles({ '/account/token': 'opaque-token' });
      const variables = { ...inPod, FAIRWAY_SERVICE_ACCOUNT_DIRECTORY: '/account' };
      const { steps } = await examine({ variables, host: { files } });
      assert.equal(steps[0]?.status, 'warning');
      assert.match(steps[0]?.found ?? '', /there is no ca\.crt/);
    });
  });

  suite('credentials', () => {
    const exec = (command: string, args: readonly string[] = []): Case => ({
      cluster: { server: 'https://127.0.0.1:1' },
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command,
          args,
          interactiveMode: 'Never',
          installHint: 'Install it:\n  brew install plugin',
        },
      },
    });
    const failing = (found: RegExp, remedy: RegExp): Diagnosis => ({
      step: 'credentials',
      exitCode: 11,
      found,
      remedy,
    });

    test('finds a plugin that is missing, and says how to install it', () =>
      expectDiagnosis(
        exec('no-such-plugin'),
        failing(
          /executable no-such-plugin not found/,
          /brew install plugin\ncommand -v no-such-plugin$/,
        ),
      ));

    test('finds a plugin that fails, and does not show its arguments', async () => {
      const given = exec('/bin/sh', ['-c', 'exit 3', '--client-secret=hunter2']);
      await expectDiagnosis(given, failing(/failed with exit code 3/, /run \/bin\/sh by hand/));
      assert.ok(!JSON.stringify(await examine(given)).includes('hunter2'));
    });

    test('finds a plugin whose answer is none', () =>
      expectDiagnosis(
        exec('/bin/echo', ['{}']),
        failing(/its kind is not ExecCredential/, /by hand/),
      ));

    test('finds a plugin that hangs', async () => {
      const real = nodejsHost();
      const processes: typeof real.processes = {
        run: (command, signal) => real.processes.run({ ...command, timeoutMs: 100 }, signal),
      };
      await expectDiagnosis(
        { ...exec('/bin/sleep', ['60']), host: { processes } },
        failing(/did not end within 100 ms/, /run \/bin\/sleep by hand/),
      );
    });

    test('finds a damaged client certificate', async () => {
      const pem = (label: string): string =>
        data(`-----BEGIN ${label}-----\nMAAA\n-----END ${label}-----\n`);
      await expectDiagnosis(
        {
          cluster: { server: 'https://127.0.0.1:1' },
          user: {
            'client-certificate-data': pem('CERTIFICATE'),
            'client-key-data': pem('PRIVATE KEY'),
          },
        },
        failing(/the client certificate is damaged/, /new kubeconfig/),
      );
    });

    test('goes on with the layers that need no credential', async () => {
      const { steps } = await examine(exec('no-such-plugin'));
      assert.deepEqual(
        steps.filter(({ status }) => status === 'failed').map(({ name }) => name),
        ['credentials', 'address'],
      );
    });

    test('says until when a token and a certificate are valid', async () => {
      const token = makeToken({ sub: 'system:serviceaccount:a:b', exp: 946_684_800 });
      const cluster = { server: 'https://127.0.0.1:1' };
      const { steps } = await examine({ cluster, user: { token } });
      const step = steps.find(({ name }) => name === 'credentials');
      assert.equal(step?.status, 'warning');
      assert.match(
        step?.found ?? '',
        /^a token of system:serviceaccount:a:b, until 2000-01-01T00:00:00Z, \d+y ago$/,
      );
    });
  });

  suite('proxy', () => {
    const failing = (found: RegExp, remedy: RegExp): Diagnosis => ({
      step: 'proxy',
      exitCode: 12,
      found,
      remedy,
    });
    const byProxy = (answer: string): Promise<{ port: number } & AsyncDisposable> =>
      listenAt(createHttp().on('connect', (_, socket: Socket) => socket.end(`HTTP/1.1 ${answer}`)));
    const cluster = { server: 'https://cluster.invalid:6443' };

    test('finds one that answers HTML', async () => {
      await using proxy = await byProxy('200 OK\r\nContent-Type: text/html\r\n\r\n<html>Log in');
      await expectDiagnosis(
        { cluster: { ...cluster, 'proxy-url': `http://127.0.0.1:${proxy.port}` } },
        failing(
          /^proxy-url: .*it answered CONNECT with a page of HTML/,
          /^fairway config set-cluster dev --proxy-url=http:\/\/HOST:PORT$/,
        ),
      );
    });

    test('finds one that wants to know who asks, without its password', async () => {
      await using proxy = await byProxy('407 Proxy Authentication Required\r\n\r\n');
      const given: Case = {
        cluster,
        variables: { HTTPS_PROXY: `http://me:hunter2@127.0.0.1:${proxy.port}` },
      };
      await expectDiagnosis(
        given,
        failing(
          /^HTTPS_PROXY: .*it wants to know who asks \(407\)$/,
          /^export HTTPS_PROXY=http:\/\/USER:PASSWORD@HOST:PORT\nexport NO_PROXY="\$NO_PROXY",cluster\.invalid$/,
        ),
      );
      assert.ok(!JSON.stringify(await examine(given)).includes('hunter2'));
    });

    test('finds one that is not there', () =>
      expectDiagnosis(
        { cluster, variables: { HTTPS_PROXY: 'http://127.0.0.1:1' } },
        failing(/it cannot be reached: .*nothing listens there/, /export NO_PROXY=/),
      ));

    test('goes through one that connects, and leaves the name to it', async () => {
      await using api = await overTls(tlsOf(server));
      await using proxy = await listenAt(
        createHttp().on('connect', (_, near: Socket) => {
          const far = connect(api.port, '127.0.0.1', () => near.write('HTTP/1.1 200 Yes\r\n\r\n'));
          near.pipe(far).pipe(near);
          far.on('error', () => near.destroy());
          near.on('close', () => far.destroy());
        }),
      );
      const { steps } = await examine({
        cluster: {
          ...trusted(api.port),
          server: 'https://cluster.invalid:6443',
          'tls-server-name': 'localhost',
          'proxy-url': `http://127.0.0.1:${proxy.port}`,
        },
        user,
      });
      const status = Object.fromEntries(steps.map((each) => [each.name, each.status]));
      const { proxy: asked, name, address, tls: proof, api: answer } = status;
      assert.deepEqual(
        { asked, name, address, proof, answer },
        { asked: 'ok', name: 'skipped', address: 'skipped', proof: 'ok', answer: 'ok' },
      );
    });
  });

  suite('name and address', () => {
    const nameFails = (code: string): Case => ({
      cluster: { server: 'https://api.example.com:6443' },
      names: {
        addressesOf: (name) =>
          Promise.reject(Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code })),
      },
    });
    const name = (found: RegExp, remedy: RegExp): Diagnosis => ({
      step: 'name',
      exitCode: 13,
      found,
      remedy,
    });
    const address = (found: RegExp, remedy: RegExp): Diagnosis => ({
      step: 'address',
      exitCode: 14,
      found,
      remedy,
    });

    test('finds a name that there is not', () =>
      expectDiagnosis(
        nameFails('ENOTFOUND'),
        name(
          /^there is no api\.example\.com: it is misspelt/,
          /^fairway config set-cluster dev --server=https:\/\/NAME:PORT$/m,
        ),
      ));

    test('finds a name service that does not answer', async () => {
      await expectDiagnosis(
        nameFails('EAI_AGAIN'),
        name(/the name service does not answer/, /resolv\.conf/),
      );
      const asked = Promise.withResolvers<void>();
      const names = {
        addressesOf: () => {
          asked.resolve();
          return new Promise<never>(() => {});
        },
      };
      await expectDiagnosis(
        { ...nameFails(''), names, host: { clock: stepTimeoutAfter(asked.promise) } },
        name(/the name service does not answer/, /resolv\.conf/),
      );
    });

    test('finds an address where nothing listens', () =>
      expectDiagnosis(
        { cluster: { server: 'https://127.0.0.1:1' } },
        address(
          /^127\.0\.0\.1:1 refuses/,
          /^fairway up -d {2}# .*\nfairway config set-cluster dev --server=/,
        ),
      ));

    test('finds an address that swallows everything', async () => {
      await using hole = await openBlackHole();
      const clock = new ManualClock(Date.now());
      // As soon as the connection has a time limit, that is over.
      const schedule = clock.schedule.bind(clock);
      clock.schedule = (delayMs, run) => {
        if (delayMs === stepTimeoutMs) setImmediate(() => void clock.advance(stepTimeoutMs));
        return schedule(delayMs, run);
      };
      await expectDiagnosis(
        { cluster: { server: `https://127.0.0.1:${hole.port}` }, host: { clock } },
        address(/does not answer within 10000 ms/, /VPN/),
      );
    });

    test('reaches a server that has an IPv6 address only, and says which address of two is dead', async (t) => {
      await using api = await overTls(
        tlsOf(await issue(authority, { names: ['::1', 'localhost'] })),
        answerAsApi,
        '::1',
      ).catch(() => ({ port: 0, async [Symbol.asyncDispose]() {} }));
      if (api.port === 0) return t.skip('this machine has no IPv6');
      const cluster = { ...trusted(api.port), server: `https://localhost:${api.port}` };
      const only = await examine({ cluster, user, names: { addressesOf: async () => ['::1'] } });
      assert.equal(
        only.steps.find((each) => each.name === 'address')?.found,
        `[::1]:${api.port} connects`,
      );
      assert.equal(only.failed, 'identity');
      const both = await examine({
        cluster,
        user,
        names: { addressesOf: async () => ['127.0.0.1', '::1'] },
      });
      const step = both.steps.find((each) => each.name === 'address');
      assert.equal(step?.status, 'warning');
      assert.match(step?.found ?? '', /^127\.0\.0\.1:\d+ refuses.*; \[::1\]:\d+ connects$/);
      assert.equal(both.failed, 'identity');
      const dead = { cluster: { server: 'https://[::1]:1' } };
      await expectDiagnosis(dead, address(/^\[::1\]:1 refuses/, /fairway up -d/));
    });

    test('says that this machine has no way to an IPv6 address', async () => {
      const given: Case = {
        cluster: { server: 'https://api.example.com' },
        // Of documentation: nobody has a way there, or nobody answers.
        names: { addressesOf: async () => ['2001:db8::1'] },
        stepTimeoutMs: 200,
      };
      await expectDiagnosis(
        given,
        address(/no way to IPv6|does not answer/, /ip -6 route get 2001:db8::1/),
      );
    });
  });

  suite('tls', () => {
    test('finds another authority of the same name', async () => {
      const other = await makeAuthority('kubernetes');
      await using api = await overTls(tlsOf(await issue(other)));
      await expectDiagnosis(
        { cluster: trusted(api.port), user },
        tls(
          /issued by another .*CN=kubernetes.*same name, other key/,
          /^fairway config set-cluster dev --certificate-authority=ca\.crt\nsudo cat \/etc\/kubernetes\/pki\/ca\.crt/,
        ),
      );
    });

    test('finds a certificate that signed itself, and an authority nobody knows', async () => {
      await using own = await overTls(tlsOf(await makeSelfSigned('CN=localhost')));
      await expectDiagnosis(
        { cluster: trusted(own.port), user },
        tls(/CN=localhost has signed itself/, /--certificate-authority=ca\.crt/),
      );
      await using strange = await overTls(
        tlsOf(await issue(await makeAuthority('k3s-server-ca@1', 'k3s'))),
      );
      await expectDiagnosis(
        { cluster: trusted(strange.port), user },
        tls(
          /issued by .*k3s-server-ca@1, and not by the authority of the configuration/,
          /k3s\.yaml/,
        ),
      );
    });

    for (const [maker, remedy] of [
      ['kubernetes', /certSANs: \[127\.0\.0\.1\].*kubeadm init phase certs apiserver/],
      ['k3s-server-ca@1', /k3s server --tls-san 127\.0\.0\.1/],
      ['minikubeCA', /minikube start --apiserver-ips=127\.0\.0\.1/],
      ['fairway-ca', /fairway up --tls-san 127\.0\.0\.1/],
      ['somebody', /--tls-san 127\.0\.0\.1 \(k3s\), certSANs: \[127\.0\.0\.1\]/],
    ] as const) {
      test(`finds a missing name in a certificate of ${maker}`, async () => {
        const own = await makeAuthority(maker);
        const names = ['other.example.com', 'kubernetes.default', '10.0.0.1'];
        await using api = await overTls(tlsOf(await issue(own, { names })));
        const cluster = {
          ...trusted(api.port),
          'certificate-authority-data': data(own.certificate),
        };
        await expectDiagnosis(
          { cluster, user },
          tls(
            /not for 127\.0\.0\.1: it has other\.example\.com, kubernetes\.default, 10\.0\.0\.1/,
            new RegExp(
              `^fairway config set-cluster dev --tls-server-name=kubernetes\\.default\n.*${remedy.source}`,
              remedy.flags,
            ),
          ),
        );
        const named = await examine({
          cluster: { ...cluster, 'tls-server-name': 'kubernetes.default' },
          user,
        });
        assert.equal(named.failed, 'identity');
      });
    }

    test('finds certificates that have expired or are not yet valid', async () => {
      await using old = await overTls(tlsOf(await issue(authority, { atMs: -60 * dayMs })));
      await expectDiagnosis(
        { cluster: trusted(old.port), user },
        tls(
          /^the certificate of the server has expired: it was valid until .*, 30d ago$/,
          /^sudo kubeadm certs renew all/,
        ),
      );
      await using early = await overTls(tlsOf(await issue(authority, { atMs: 60 * dayMs })));
      await expectDiagnosis(
        { cluster: trusted(early.port), user },
        tls(/not yet valid: it will be from .*, in 5\dd/, /timedatectl set-ntp true/),
      );
    });

    test('says that the clock of this machine makes a good certificate expire', async () => {
      await using api = await overTls(tlsOf(server));
      await expectDiagnosis(
        { cluster: trusted(api.port), user, host: { clock: movedClock(400 * dayMs) } },
        tls(
          /expired.*by the clock of the server it is valid: the clock of this machine is wrong/,
          /^sudo timedatectl set-ntp true$/,
        ),
      );
    });

    test('warns of a certificate that is about to expire', async () => {
      await using api = await overTls(tlsOf(await issue(authority, { validityMs: 2 * dayMs })));
      const { steps } = await examine({ cluster: trusted(api.port), user });
      const step = steps.find(({ name }) => name === 'tls');
      assert.equal(step?.status, 'warning');
      assert.match(step?.found ?? '', /; it expires in 47h$/);
    });

    test('finds a chain without its intermediate', async () => {
      const middle = await makeIntermediateAuthority(authority, 'middle');
      const leaf = await issue(middle);
      await using whole = await overTls({
        ...tlsOf(leaf),
        cert: leaf.certificate + middle.certificate + authority.certificate,
      });
      assert.equal((await examine({ cluster: trusted(whole.port), user })).failed, 'identity');
      await using half = await overTls(tlsOf(leaf));
      const root = await makeAuthority('root', 'ops');
      const cluster = {
        ...trusted(half.port),
        'certificate-authority-data': data(root.certificate),
      };
      await expectDiagnosis(
        { cluster, user },
        tls(
          /sends its own certificate and not the one of its issuer CN=middle, O=ops/,
          /have the server send its whole chain/,
        ),
      );
    });

    test('finds out who intercepts TLS', async () => {
      const firewall = await makeAuthority('Zscaler Intermediate Root CA', 'Zscaler Inc.');
      await using api = await overTls(tlsOf(await issue(firewall)));
      await expectDiagnosis(
        { cluster: trusted(api.port), user },
        tls(/^TLS is intercepted: .*which is Zscaler/, /exempted from inspection/),
      );
    });

    test('finds a server that wants a client certificate, and one that does not take ours', async () => {
      const options = {
        ...tlsOf(server),
        requestCert: true,
        rejectUnauthorized: true,
        ca: authority.certificate,
      };
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        await using api = await overTls({ ...options, maxVersion });
        await expectDiagnosis(
          { cluster: trusted(api.port), user },
          tls(
            /(speaks only with who has|it wants) a client certificate/,
            /fairway config set-credentials ann --client-certificate=client\.crt/,
          ),
        );
        const stranger = await issueCertificate(
          await makeAuthority('kubernetes'),
          { kind: 'client' },
          {
            subject: { commonName: 'ann', organizations: [] },
            clock: systemClock,
            random: systemRandom,
          },
        );
        const pair = {
          'client-certificate-data': data(stranger.certificate),
          'client-key-data': data(stranger.key.reveal()),
        };
        await expectDiagnosis(
          { cluster: trusted(api.port), user: pair },
          tls(/does not take our client certificate/, /set-credentials ann/),
        );
      }
    });

    test('finds plain HTTP on a TLS port, and TLS behind a plain address', async () => {
      await using plain = await inTheClear();
      await expectDiagnosis(
        { cluster: { server: `https://127.0.0.1:${plain.port}` }, user },
        tls(
          /does not speak TLS/,
          /^fairway config set-cluster dev --server=http:\/\/127\.0\.0\.1:\d+$/m,
        ),
      );
      await using secure = await overTls(tlsOf(server));
      await expectDiagnosis(
        { cluster: { server: `http://127.0.0.1:${secure.port}` }, user },
        tls(
          /speaks TLS, and the address is an http: one/,
          /^fairway config set-cluster dev --server=https:\/\/127\.0\.0\.1:\d+$/,
        ),
      );
    });

    test('finds servers that close and servers that are silent', async () => {
      await using closing = await onConnection((socket) => socket.destroy());
      await expectDiagnosis(
        { cluster: { server: `https://127.0.0.1:${closing.port}` }, user },
        tls(/accepts connections and closes them during the TLS handshake/, /load balancer/),
      );
      const asked = Promise.withResolvers<void>();
      await using silent = await onConnection((socket) =>
        socket.once('data', () => asked.resolve()),
      );
      await expectDiagnosis(
        {
          cluster: { server: `https://127.0.0.1:${silent.port}` },
          user,
          host: { clock: stepTimeoutAfter(asked.promise) },
        },
        tls(/accepts connections and says nothing for 10000 ms/, /API server runs/),
      );
    });

    for (const [alert, found, remedy] of [
      [112, /has no certificate for the name that it is asked for/, /--tls-server-name=NAME/],
      [
        40,
        /breaks the handshake off \([\w/]+\): it wants a client certificate, or has no cipher/,
        /ann/,
      ],
      [70, /PROTOCOL_VERSION/, /TLS 1\.2 or later/],
    ] as const) {
      test(`explains alert ${alert} of a server`, async () => {
        await using api = await onConnection((socket) =>
          socket.once('data', () => socket.end(Uint8Array.of(21, 3, 3, 0, 2, 2, alert))),
        );
        await expectDiagnosis({ cluster: trusted(api.port), user }, tls(found, remedy));
      });
    }

    test('finds a damaged authority', async () => {
      await using api = await overTls(tlsOf(server));
      const damaged = '-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n';
      await expectDiagnosis(
        { cluster: { ...trusted(api.port), 'certificate-authority-data': data(damaged) }, user },
        tls(/certificate authority of the configuration is damaged/, /--certificate-authority=/),
      );
    });

    test('warns where anybody is trusted', async () => {
      await using api = await overTls(tlsOf(server));
      const cluster = { server: `https://127.0.0.1:${api.port}`, 'insecure-skip-tls-verify': true };
      const report = await examine({ cluster, user });
      const step = report.steps.find(({ name }) => name === 'tls');
      assert.equal(step?.status, 'warning');
      assert.match(
        step?.found ?? '',
        /^insecure-skip-tls-verify: anybody may be at the other end; /,
      );
    });

    test('sends nothing secret to a server that has not proved who it is', async () => {
      const heard: string[] = [];
      const other = await makeAuthority('kubernetes');
      const expired = await issue(other, { atMs: -60 * dayMs });
      await using api = await overTls(tlsOf(expired), (request, response) => {
        heard.push(JSON.stringify(request.headers));
        answerAsApi(request, response);
      });
      await examine({ cluster: trusted(api.port), user });
      const known = { ...trusted(api.port), 'certificate-authority-data': data(other.certificate) };
      await examine({ cluster: known, user });
      assert.equal(heard.length, 1);
      assert.ok(!heard.join('').includes('opaque-token'));
    });
  });

  suite('api and clock', () => {
    const api = (found: RegExp, remedy: RegExp): Diagnosis => ({
      step: 'api',
      exitCode: 16,
      found,
      remedy,
    });

    for (const [title, status, headers, body, found, remedy] of [
      [
        'a page of HTML',
        200,
        { 'content-type': 'text/html' },
        '<html><title>Welcome to nginx!</title>',
        /no Kubernetes API: 200, and a page of HTML \("Welcome to nginx!"\)/,
        /--server=/,
      ],
      [
        'a login page',
        302,
        { location: 'https://sso.example.com/login?state=hunter2' },
        '',
        /leads on to https:\/\/sso\.example\.com\/login, as/,
        /log in there/,
      ],
      [
        'a load balancer without servers',
        503,
        {},
        'no healthy upstream',
        /load balancer answers 503/,
        /API server runs behind/,
      ],
      [
        'another API',
        200,
        {},
        '{"hello": 1}',
        /no Kubernetes API: 200, and something else/,
        /--server=/,
      ],
    ] as const) {
      test(`finds ${title}`, async () => {
        await using server2 = await overTls(tlsOf(server), (_, response) => {
          response.writeHead(status, headers).end(body);
        });
        await expectDiagnosis({ cluster: trusted(server2.port), user }, api(found, remedy));
      });
    }

    test('finds an API server that is not well', async () => {
      await using sick = await overTls(tlsOf(server), (_, response) =>
        sendStatus(response, 500, 'etcd is gone'),
      );
      await expectDiagnosis(
        { cluster: trusted(sick.port), user },
        api(/not well: 500 etcd is gone/, /readyz/),
      );
    });

    test('finds servers that close or are silent once they are asked', async () => {
      await using closing = await overTls(tlsOf(server), (request) => request.socket.destroy());
      await expectDiagnosis(
        { cluster: trusted(closing.port), user },
        api(/closes them before it answers/, /API server runs behind/),
      );
      const asked = Promise.withResolvers<void>();
      await using silent = await overTls(tlsOf(server), () => asked.resolve());
      await expectDiagnosis(
        { cluster: trusted(silent.port), user, host: { clock: stepTimeoutAfter(asked.promise) } },
        api(/does not answer/, /API server runs behind/),
      );
      await using noise = await onConnection((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'));
      await expectDiagnosis(
        { cluster: { server: `http://127.0.0.1:${noise.port}` }, user },
        api(/no Kubernetes API: .*not HTTP/, /--server=http/),
      );
    });

    test('reads no more of an answer than it needs', async () => {
      await using endless = await overTls(tlsOf(server), (_, response) => {
        response.on('drain', () => response.write(Buffer.alloc(65_536, 'x')));
        response.write(Buffer.alloc(65_536, 'x'));
      });
      await expectDiagnosis(
        { cluster: trusted(endless.port), user },
        api(/no Kubernetes API: 200, and something else/, /--server=/),
      );
    });

    for (const [title, byMs, found] of [
      ['ahead of', 3_600_000, /^the clock of this machine is (60|59)m ahead of that of the server/],
      ['behind', -3_600_000, /^the clock of this machine is (60|59|61)m behind that of the server/],
    ] as const) {
      test(`finds a clock that is an hour ${title} that of the server`, async () => {
        await using good = await overTls(tlsOf(await issue(authority, { atMs: -10 * dayMs })));
        await expectDiagnosis(
          { cluster: trusted(good.port), user, host: { clock: movedClock(byMs) } },
          { step: 'clock', exitCode: 17, found, remedy: /^sudo timedatectl set-ntp true$/ },
        );
      });
    }

    test('warns of a server that is several versions away', async () => {
      await using old = await overTls(tlsOf(server), (_, response) => {
        response.end(JSON.stringify({ major: '1', minor: '30+', gitVersion: 'v1.30.4-eks' }));
      });
      const { steps } = await examine({ cluster: trusted(old.port), user });
      const step = steps.find(({ name }) => name === 'version');
      assert.equal(step?.status, 'warning');
      assert.match(step?.found ?? '', /the server is 1\.30, 6 minor versions away/);
    });
  });

  suite('identity', () => {
    const identity = (found: RegExp, remedy: RegExp): Diagnosis => ({
      step: 'identity',
      exitCode: 19,
      found,
      remedy,
    });
    const nowS = Math.floor(Date.now() / 1000);
    const account = {
      iss: 'https://kubernetes.default.svc',
      sub: 'system:serviceaccount:shop:web',
      aud: ['https://kubernetes.default.svc'],
      iat: nowS - 100,
      exp: nowS + 3600,
    };

    for (const [title, token, found, remedy] of [
      [
        'a token that has expired',
        makeToken({ ...account, exp: nowS - 7200 }),
        /^401 Unauthorized: the token has expired: .*, 12\dm ago$/,
        /^kubectl create token web -n shop/,
      ],
      [
        'a token for somebody else',
        makeToken({ ...account, aud: ['vault'] }),
        /is for another audience: it is for vault, and an API server takes those for https:\/\/kubernetes\.default\.svc/,
        /kubectl create token web -n shop \(without --audience\)/,
      ],
      [
        'a token from the future',
        makeToken({ ...account, nbf: nowS + 7200 }),
        /valid only from .*, in 1\d\dm: the clock/,
        /create token/,
      ],
      [
        'a token of a cluster that is gone',
        makeToken(account),
        /looks valid \(of system:serviceaccount:shop:web.*another cluster/,
        /create token/,
      ],
      [
        'an id-token of an issuer that the server does not know',
        makeToken({
          iss: 'https://accounts.example.com',
          aud: 'kubernetes',
          sub: 'ann',
          exp: nowS + 3600,
        }),
        /must know its issuer https:\/\/accounts\.example\.com and the audience kubernetes/,
        /^fairway config set-credentials ann --token=TOKEN$/,
      ],
      [
        'a token that says nothing',
        'opaque-token',
        /does not know this token/,
        /set-credentials ann/,
      ],
    ] as const) {
      test(`explains ${title}`, async () => {
        await using api = await overTls(tlsOf(server));
        await expectDiagnosis(
          { cluster: trusted(api.port), user: { token } },
          identity(found, remedy),
        );
      });
    }

    test('names the plugin only where it is the one that is asked', async () => {
      await using api = await overTls(tlsOf(server));
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: '/bin/echo',
        args: [
          '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"token": "old"}}',
        ],
        interactiveMode: 'Never',
      };
      const cluster = trusted(api.port);
      await expectDiagnosis(
        { cluster, user: { exec } },
        identity(/does not know this token/, /^log in again by \/bin\/echo$/m),
      );
      const { steps } = await examine({ cluster, user: { exec, ...user } });
      assert.ok(!JSON.stringify(steps).includes('/bin/echo'));
    });

    test('explains a password, no credential at all, and certificates', async () => {
      await using api = await overTls(tlsOf(server));
      const cluster = trusted(api.port);
      await expectDiagnosis(
        { cluster, user: { username: 'a', password: 'hunter2' } },
        identity(/since 1\.19/, /--token/),
      );
      await expectDiagnosis({ cluster }, identity(/has no credential/, /--token/));
      for (const [atMs, found] of [
        [-400 * dayMs, /the client certificate has expired: .* ago/],
        [0, /issued by another authority than its --client-ca-file/],
      ] as const) {
        const client = await issueCertificate(
          authority,
          { kind: 'client' },
          {
            subject: { commonName: 'ann', organizations: [] },
            clock: movedClock(atMs),
            random: systemRandom,
          },
        );
        const pair = {
          'client-certificate-data': data(client.certificate),
          'client-key-data': data(client.key.reveal()),
        };
        await expectDiagnosis({ cluster, user: pair }, identity(found, /new kubeconfig/));
      }
    });

    test('does not wait for a server that knows its version only', async () => {
      const asked = Promise.withResolvers<void>();
      await using api = await overTls(tlsOf(server), (request, response) => {
        if (request.url === '/version') answerAsApi(request, response);
        else asked.resolve();
      });
      await expectDiagnosis(
        { cluster: trusted(api.port), user, host: { clock: stepTimeoutAfter(asked.promise) } },
        identity(/nothing came for 10000 ms after POST/, /^fairway doctor --step-timeout 30s/),
      );
    });

    test('copes with a server that says nothing of what it is asked', async () => {
      await using api = await overTls(tlsOf(server), (request, response) => {
        if (request.url === '/version') return answerAsApi(request, response);
        const isUser = request.url?.includes('selfsubjectreviews') === true;
        const status = isUser ? { userInfo: { username: 'ann' } } : { resourceRules: null };
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ status }));
      });
      const { exitCode, steps } = await examine({ cluster: trusted(api.port), user });
      assert.equal(exitCode, 0, JSON.stringify(steps));
      assert.deepEqual(
        steps.slice(-3).map(({ found }) => found),
        [
          'ann, of no group',
          'no right on any object in namespace default',
          'nothing may be watched in namespace default, so that upgrades cannot be tried',
        ],
      );
    });

    test('finds a WebSocket that somebody else opens', async () => {
      const api = createHttps(tlsOf(server), (request, response) => {
        if (request.url === '/version') return answerAsApi(request, response);
        const isUser = request.url?.includes('selfsubjectreviews') === true;
        const rules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
        const status = isUser ? { userInfo: { username: 'ann' } } : { resourceRules: rules };
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ status }));
      });
      const heard: string[] = [];
      api.on('upgrade', (request, socket) => {
        heard.push(request.url ?? '');
        const accept = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x';
        socket.end(`HTTP/1.1 101 Switching Protocols\r\n${accept}\r\n\r\n`);
      });
      await using listening = await listenAt(api);
      await expectDiagnosis(
        { cluster: trusted(listening.port), user },
        {
          step: 'streams',
          exitCode: 21,
          found: /somebody else than the server answers the WebSocket handshake/,
          remedy: /pass on the headers Connection and Upgrade/,
        },
      );
      assert.match(heard.join(), /^\/api\/v1\/namespaces\/default\/pods\?watch=true&/);
    });

    test('asks the server that it examines, by the protocol that others use', async () => {
      const spoken: string[] = [];
      const api = createSecureServer(
        { ...tlsOf(server), allowHTTP1: true },
        (request, response) => {
          spoken.push(request.httpVersion);
          answerAsApi(request as never, response as never);
        },
      );
      await using listening = await listenAt(api);
      const elsewhere = {
        name: 'fairway.dev/servers',
        extension: { servers: ['https://[::1]:1'] },
      };
      const cluster = { ...trusted(listening.port), extensions: [elsewhere] };
      assert.equal((await examine({ cluster, user })).failed, 'identity');
      const variables = { DISABLE_HTTP2: '1' };
      assert.equal((await examine({ cluster, user, variables })).failed, 'identity');
      assert.deepEqual(spoken, ['2.0', '2.0', '1.1', '1.1']);
    });

    test('shows no token that a server sends back', async () => {
      const token = makeToken(account);
      await using api = await overTls(tlsOf(server), (request, response) => {
        if (request.url === '/version') return answerAsApi(request, response);
        sendStatus(response, 400, `what is ${request.headers.authorization}?`);
      });
      const report = JSON.stringify(await examine({ cluster: trusted(api.port), user: { token } }));
      assert.ok(report.includes('what is Bearer [secret]?'), report);
      assert.ok(!report.includes(token));
    });
  });
});
