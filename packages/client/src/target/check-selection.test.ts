import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { MemoryFiles } from '@fairway/host/testing';
import { pem } from '../../test/fake-machine.ts';
import { checkSelection } from './check-selection.ts';
import { KubeconfigError } from '../kubeconfig/kubeconfig-error.ts';
import { parseKubeconfig } from '../kubeconfig/load-kubeconfig.ts';
import { type ClusterOverrides, selectContext } from '../kubeconfig/select-context.ts';

const certificate = btoa(pem('CERTIFICATE', 'c'));
const key = btoa(pem('PRIVATE KEY', 'k'));

/** What is wrong with a user and a cluster, as `field: detail`. */
async function faults(
  given: { cluster?: object; user?: object; overrides?: ClusterOverrides },
  files: Record<string, string> = {},
): Promise<string[]> {
  const document = {
    'current-context': 'a',
    clusters: [{ name: 'a', cluster: { server: 'https://a', ...given.cluster } }],
    users: [{ name: 'a', user: given.user ?? {} }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
  };
  const config = await parseKubeconfig(JSON.stringify(document), '/k/config');
  const surroundings = { workingDirectory: '/', platform: 'linux' };
  const { overrides = {} } = given;
  const selection = selectContext(config, overrides, surroundings);
  try {
    await checkSelection(new MemoryFiles(files), selection, overrides);
    return [];
  } catch (error) {
    assert.ok(error instanceof KubeconfigError);
    assert.match(error.message, /^invalid configuration: /);
    assert.doesNotMatch(inspect(error), /s3cret/);
    return error.issues.map(({ file, field, detail }) => {
      assert.match(file, /^(\/k\/config|command line)$/);
      return `${field.replace(/^(users|clusters)\["a"\]\./, '')}: ${detail}`;
    });
  }
}

test('checkSelection() refuses what contradicts itself', async () => {
  const cases: [Parameters<typeof faults>[0], RegExp][] = [
    [{ user: { token: 's3cret', username: 'u' } }, /^user\.token: more than one authentication/],
    [
      { user: { 'client-certificate-data': certificate } },
      /^user\.client-key: .*must be specified/,
    ],
    [
      { cluster: { 'certificate-authority-data': certificate, 'insecure-skip-tls-verify': true } },
      /^cluster\.insecure-skip-tls-verify: cannot be true together/,
    ],
    [{ user: { 'as-groups': ['g'] } }, /^user\.as: .*without impersonating a user$/],
    [{ user: { 'as-uid': '1' } }, /^user\.as: /],
    [{ user: { 'as-user-extra': { a: ['b'] } } }, /^user\.as: /],
    [{ cluster: { 'proxy-url': 'ftp://s3cret@p' } }, /proxy-url: unsupported scheme ftp; use http/],
    [{ cluster: { 'proxy-url': 's3cret' } }, /proxy-url: is not a URL/],
    [{ cluster: { server: 'ftp://a' } }, /cluster\.server: "ftp:\/\/a" is no http or https URL/],
    [{ cluster: { server: 'https://' } }, /cluster\.server: /],
    [{ cluster: { 'certificate-authority-data': 'YQ==' } }, /holds no PEM certificate/],
    [
      { user: { 'client-certificate-data': certificate, 'client-key-data': 'YQ==' } },
      /^user\.client-key-data: holds no PEM private key/,
    ],
    [{ user: { token: 's3cret\nX-Evil: 1' } }, /^user\.token: holds characters/],
    [{ user: { as: 'j', 'as-groups': ['g\r\nX: y'] } }, /^user\.as-groups: holds characters/],
    [{ user: { as: 'j', 'as-user-extra': { k: ['\0'] } } }, /^user\.as-user-extra\["k"\]: holds/],
    [{ overrides: { requestTimeout: 'soon' } }, /^--request-timeout: "soon" must be whole seconds/],
    [{ user: { 'auth-provider': { name: 'gcp' } } }, /gcp has been removed; use the exec plugin/],
    [
      {
        user: {
          'auth-provider': {
            name: 'oidc',
            config: { 'client-id': 'c', 'idp-issuer-url': 'http://i' },
          },
        },
      },
      /idp-issuer-url: must be an https URL/,
    ],
    [{ user: { 'auth-provider': { name: 'x' } } }, /no auth-provider "x"; only oidc exists/],
  ];
  for (const [given, expected] of cases) {
    const found = await faults(given);
    assert.equal(found.length, 1, inspect({ given, found }));
    assert.match(found[0] ?? '', expected);
  }
});

test('checkSelection() refuses an exec plugin that is not fully described', async () => {
  const v1 = 'client.authentication.k8s.io/v1';
  const exec = { command: 'p', apiVersion: v1, interactiveMode: 'Never' };
  assert.deepEqual(await faults({ user: { exec } }), []);
  assert.deepEqual(await faults({ user: { exec: { ...exec, interactiveMode: undefined } } }), [
    'user.exec.interactiveMode: must be Never, IfAvailable or Always',
  ]);
  const beta = { command: 'p', apiVersion: `${v1}beta1` };
  assert.deepEqual(await faults({ user: { exec: beta } }), []);
  assert.match(
    (await faults({ user: { exec: { ...exec, apiVersion: `${v1}alpha1` } } })).join(),
    /^user\.exec\.apiVersion: invalid apiVersion .*; use client\.authentication\.k8s\.io\/v1 or/,
  );
  assert.equal((await faults({ user: { exec: { env: [{ value: 'x' }] } } })).length, 3);
  const both = { exec, 'auth-provider': { name: 'oidc', config: {} } };
  assert.equal((await faults({ user: both })).length, 3);
});

test('checkSelection() reports everything at once, unreadable files among it', async () => {
  const found = await faults(
    {
      cluster: { server: '', 'certificate-authority': 'ca.crt', 'proxy-url': 'x://y' },
      user: { 'client-certificate': 'me.crt', 'client-key': 'me.key', tokenFile: 'token' },
    },
    { '/k/me.key': 'nonsense', '/k/token': '  \n' },
  );
  assert.deepEqual(found, [
    'cluster.server: no server found; set it to the address of the API',
    'cluster.proxy-url: unsupported scheme x; use http, https or socks5',
    'cluster.certificate-authority: unable to read /k/ca.crt: no such file',
    'user.client-certificate: unable to read /k/me.crt: no such file',
    'user.client-key: /k/me.key holds no PEM private key',
    'user.tokenFile: cannot use the token file /k/token: it is empty',
  ]);
});

test('checkSelection() refuses data and file of the same thing', async () => {
  const files = {
    '/k/ca.crt': pem('CERTIFICATE', 'c'),
    '/k/me.crt': pem('CERTIFICATE', 'c'),
    '/k/me.key': pem('PRIVATE KEY', 'k'),
  };
  const found = await faults(
    {
      cluster: { 'certificate-authority': 'ca.crt', 'certificate-authority-data': certificate },
      user: {
        'client-certificate': 'me.crt',
        'client-certificate-data': certificate,
        'client-key': 'me.key',
        'client-key-data': key,
      },
    },
    files,
  );
  assert.deepEqual(
    found.map((each) => each.split(':')[0]),
    ['cluster.certificate-authority-data', 'user.client-certificate-data', 'user.client-key-data'],
  );
});

test('checkSelection() accepts addresses with a path and without a scheme', async () => {
  for (const server of ['a:6443', '10.0.0.1', 'https://a/k8s/clusters/c-1', '[::1]:6443']) {
    assert.deepEqual(await faults({ cluster: { server } }), [], server);
  }
});
