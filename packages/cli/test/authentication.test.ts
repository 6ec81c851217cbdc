import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { collectBody } from '@fairway/protocol';
import {
  type CertifiedKey,
  issueCertificate,
  makeCertificateAuthority,
} from '@fairway/certificates';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { listenForTest, sendHttp1, textResponse } from '@fairway/serving/testing';
import { clusterIn } from './cluster-in.ts';
import { commandLine, scratchFolder } from './command-line.ts';

const issueOptions = { validityMs: 3_600_000, clock: systemClock, random: systemRandom };

function makeAuthority(commonName: string): Promise<CertifiedKey> {
  return makeCertificateAuthority({ ...issueOptions, subject: { commonName, organizations: [] } });
}

async function certify(authority: CertifiedKey, commonName: string) {
  const subject = { commonName, organizations: ['g'] };
  const use = { kind: 'client' } as const;
  const { certificate, key } = await issueCertificate(authority, use, { ...issueOptions, subject });
  return { cert: certificate, key: key.reveal() };
}

suite('fairway up and who asks', () => {
  test('knows people by each way of proving who one is that its flags name', async () => {
    await using folder = await scratchFolder();
    const file = (name: string): string => join(folder.path, name);
    const [clients, proxies] = [await makeAuthority('clients'), await makeAuthority('proxies')];
    await writeFile(file('tokens.csv'), 'letmein,ann,7,"ops,dev"\n');
    await writeFile(file('clients.pem'), clients.certificate);
    await writeFile(file('proxies.pem'), proxies.certificate);
    const line = commandLine(folder.path);
    const flags =
      '--memory --listen 127.0.0.1:0 --token-auth-file tokens.csv --client-ca-file clients.pem ' +
      '--anonymous-auth=false --requestheader-client-ca-file proxies.pem ' +
      '--requestheader-allowed-names front-proxy';
    await using up = line.start('up', '--node', 'none', ...flags.split(' '));
    await up.until('Stop it with');
    const { url, ca } = await clusterIn(folder.path);
    const whoami = async (options: Parameters<typeof sendHttp1>[1]) => {
      const { status, text } = await sendHttp1(
        `${url}/apis/authentication.k8s.io/v1/selfsubjectreviews`,
        {
          method: 'POST',
          ca,
          body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
          ...options,
          headers: { 'content-type': 'application/json', ...options?.headers },
        },
      );
      const { userInfo = {} } = (JSON.parse(text) as { status: { userInfo?: object } }).status;
      return status === 201 ? userInfo : { status, text };
    };
    const refused = {
      status: 401,
      text: '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n',
    };
    const groups = (...names: readonly string[]) => [...names, 'system:authenticated'];
    const says = { 'x-remote-user': 'eve', 'x-remote-group': 'system:masters' };

    assert.deepEqual(await whoami({ headers: { authorization: 'Bearer letmein' } }), {
      username: 'ann',
      uid: '7',
      groups: groups('ops', 'dev'),
    });
    const client = await certify(clients, 'bob');
    const { extra: _, ...bob } = (await whoami({ ...client, headers: says })) as { extra: object };
    assert.deepEqual(bob, { username: 'bob', groups: groups('g') });
    const proxy = await certify(proxies, 'front-proxy');
    assert.deepEqual(await whoami({ ...proxy, headers: says }), {
      username: 'eve',
      groups: groups('system:masters'),
    });

    for (const options of [
      {},
      { headers: says },
      { headers: { authorization: 'Bearer letmeinn' } },
      { ...proxy },
      { ...(await certify(proxies, 'other')), headers: says },
      { ...(await certify(await makeAuthority('proxies'), 'front-proxy')), headers: says },
    ]) {
      assert.deepEqual(await whoami(options), refused);
    }

    const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
    const { text } = await sendHttp1(`${url}${path}`, {
      ...proxy,
      ca,
      headers: says,
    });
    const { data } = JSON.parse(text) as { data: Record<string, string> };
    assert.ok(data['client-ca-file']?.endsWith(clients.certificate));
    assert.equal(data['client-ca-file']?.match(/BEGIN/g)?.length, 2);
    assert.deepEqual(
      { ...data, 'client-ca-file': '' },
      {
        'client-ca-file': '',
        'requestheader-allowed-names': '["front-proxy"]',
        'requestheader-client-ca-file': proxies.certificate,
        'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
        'requestheader-group-headers': '["X-Remote-Group"]',
        'requestheader-username-headers': '["X-Remote-User"]',
      },
    );
  });

  for (const [words, why] of [
    [
      ['--token-auth-file', 'absent'],
      /^error: cannot use --token-auth-file absent: there is no such file\n$/,
    ],
    [
      ['--token-auth-file', 'bad'],
      /^error: cannot use --token-auth-file bad: line 2 has 1 of the columns/,
    ],
    [
      ['--client-ca-file', 'bad'],
      /^error: cannot use --client-ca-file bad: it holds no certificate in PEM\n$/,
    ],
    [['--requestheader-allowed-names', 'a'], /^error: --requestheader-client-ca-file is missing: /],
    [
      ['--authentication-token-webhook-version', 'v2'],
      /^error: cannot use --authentication-token-webhook-version "v2": it is v1 or v1beta1\n$/,
    ],
    [
      ['--authentication-token-webhook-cache-ttl', 'long'],
      /^error: cannot use --authentication-token-webhook-cache-ttl "long": it is a time as 2m/,
    ],
    [['--authentication-token-webhook-config-file', 'absent'], /^error: .*absent/],
    [['--oidc-client-id', 'a'], /^error: --oidc-issuer-url and --oidc-client-id need each other/],
    [
      ['--oidc-client-id=a', '--oidc-issuer-url=http://a?b'],
      /^error: cannot use --oidc-issuer-url http:\/\/a\?b: jwt\[0\]\.issuer\.url: Invalid value: "http:\/\/a\?b": URL scheme must be https; jwt/,
    ],
    [
      ['--oidc-client-id=a', '--oidc-issuer-url=https://a', '--oidc-signing-algs=HS256'],
      /^error: cannot use --oidc-signing-algs: "HS256" is none of RS256, /,
    ],
    [
      ['--oidc-client-id=a', '--oidc-issuer-url=https://a', '--oidc-required-claim=a'],
      /^error: cannot use --oidc-required-claim "a": write it as claim=value\n$/,
    ],
    [
      ['--authentication-config=bad', '--oidc-client-id=a'],
      /^error: --authentication-config and --oidc-… exclude each other/,
    ],
    [
      ['--authentication-config', 'bad'],
      /^error: cannot use --authentication-config bad: it must be an object/,
    ],
    [
      ['--anonymous-auth=maybe'],
      /^error: cannot use --anonymous-auth "maybe": it is true or false\n$/,
    ],
  ] as const) {
    test(`says what is wrong with ${words.join(' ')}`, async () => {
      await using folder = await scratchFolder();
      await writeFile(join(folder.path, 'bad'), 't,ann,7\ntopsecret\n');
      const ended = await commandLine(folder.path).run(
        'up',
        '--node',
        'none',
        '--memory',
        '--listen',
        '127.0.0.1:0',
        ...words,
      );
      assert.equal(ended.exitCode, 1);
      assert.match(ended.err, why);
      assert.doesNotMatch(ended.err + ended.out, /topsecret/);
    });
  }

  test('knows people by identity tokens of issuers, and nobody else but where it says so', async () => {
    await using folder = await scratchFolder();
    const { tls, authority } = await makeTestCertificates();
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await using issuer = await listenForTest(
      async ({ path }) => {
        const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k' };
        const document = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
        return textResponse(JSON.stringify(path === '/keys' ? { keys: [jwk] } : document));
      },
      { tls },
    );
    const configuration = (prefix: string): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous: { enabled: true, conditions: [{ path: /livez }] }
jwt:
  - issuer:
      url: ${issuer.url}
      audiences: [fairway]
      certificateAuthority: ${JSON.stringify(authority.certificate)}
    claimMappings:
      username: { claim: sub, prefix: '${prefix}' }
      groups: { expression: 'claims.roles' }
  - issuer: { url: 'https://127.0.0.1:1', audiences: [fairway] }
    claimMappings: { username: { claim: sub, prefix: 'down:' } }
`;
    const file = join(folder.path, 'issuers.yaml');
    await writeFile(file, configuration('one:'));
    const line = commandLine(folder.path);
    const flags = '--memory --listen 127.0.0.1:0 --authentication-config issuers.yaml';
    await using up = line.start('up', '--node', 'none', ...flags.split(' '));
    await up.until('Stop it with');
    const { url, ca } = await clusterIn(folder.path);
    const statusOf = async (path: string): Promise<number> =>
      (await sendHttp1(`${url}${path}`, { ca })).status;
    assert.deepEqual([await statusOf('/livez'), await statusOf('/readyz')], [200, 401]);
    const claims = { iss: issuer.url, aud: 'fairway', sub: 'ann', roles: ['dev'] };
    const encode = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const exp = Math.floor(Date.now() / 1000) + 600;
    const signed = `${encode({ alg: 'ES256', kid: 'k' })}.${encode({ ...claims, exp })}`;
    const key = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const;
    const token = `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
    const nameOf = async (): Promise<unknown> => {
      const { text } = await sendHttp1(`${url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
        ca,
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
      });
      return (JSON.parse(text) as { status: { userInfo?: object } }).status.userInfo;
    };
    const groups = ['dev', 'system:authenticated'];
    assert.deepEqual(await nameOf(), { username: 'one:ann', groups });

    assert.doesNotMatch(JSON.stringify(await up.until('Stop it with')), new RegExp(token));
  });

  test('knows people by what a webhook says of tokens, whose connection a kubeconfig describes', async () => {
    await using folder = await scratchFolder();
    const { tls, authority } = await makeTestCertificates();
    const asked: unknown[] = [];
    await using webhook = await listenForTest(
      async ({ body, headers, path }) => {
        const review = JSON.parse(Buffer.from(await collectBody(body)).toString()) as object;
        asked.push([path, headers['authorization'], review]);
        const user = { username: 'ann', groups: ['dev'] };
        return textResponse(JSON.stringify({ ...review, status: { authenticated: true, user } }));
      },
      { tls },
    );
    const kubeconfigOfWebhook = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'webhook',
          cluster: {
            server: `${webhook.url}/authenticate`,
            'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
          },
        },
      ],
      users: [{ name: 'server', user: { token: 'of-the-server' } }],
      contexts: [{ name: 'a', context: { cluster: 'webhook', user: 'server' } }],
      'current-context': 'a',
    };
    await writeFile(join(folder.path, 'webhook'), JSON.stringify(kubeconfigOfWebhook));
    const flags =
      '--memory --listen 127.0.0.1:0 --authentication-token-webhook-version v1 ' +
      '--authentication-token-webhook-config-file webhook';
    await using up = commandLine(folder.path).start('up', '--node', 'none', ...flags.split(' '));
    await up.until('Stop it with');
    const { url, ca } = await clusterIn(folder.path);
    for (let round = 0; round < 2; round++) {
      const { status, text } = await sendHttp1(`${url}/api/v1/pods`, {
        ca,
        headers: { authorization: 'Bearer opaque' },
      });
      assert.equal(status, 403);
      assert.match(text, /User \\"ann\\" cannot list resource/);
    }
    const audiences = ['https://kubernetes.default.svc'];
    assert.deepEqual(asked, [
      [
        '/authenticate',
        'Bearer of-the-server',
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenReview',
          metadata: {},
          spec: { token: 'opaque', audiences },
          status: { user: {} },
        },
      ],
    ]);
  });
});
