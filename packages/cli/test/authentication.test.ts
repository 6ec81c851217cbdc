import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { type CertifiedKey, issueCertificate, makeCertificateAuthority } from '@fairway/serving';
import { sendHttp1 } from '@fairway/serving/testing';
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
    await using up = line.start('up', ...flags.split(' '));
    await up.until('Stop it with');
    const kubeconfig = await readFile(file('.fairway/kubeconfig'), 'utf8');
    const [, url = ''] = /server: (\S+)/.exec(kubeconfig) ?? [];
    const [, data64 = ''] = /certificate-authority-data: (\S+)/.exec(kubeconfig) ?? [];
    const ca = Buffer.from(data64, 'base64').toString();
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
      ['--anonymous-auth', 'maybe'],
      /^error: cannot use --anonymous-auth "maybe": it is true or false\n$/,
    ],
  ] as const) {
    test(`says what is wrong with ${words.join(' ')}`, async () => {
      await using folder = await scratchFolder();
      await writeFile(join(folder.path, 'bad'), 't,ann,7\ntopsecret\n');
      const ended = await commandLine(folder.path).run(
        'up',
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
});
