import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKubeconfig } from './load-kubeconfig.ts';
import type { Kubeconfig } from './merge-kubeconfigs.ts';
import { type ClusterOverrides, type Selection, selectContext } from './select-context.ts';

const text = `
current-context: dev
clusters:
- name: dev
  cluster:
    server: https://dev
    certificate-authority: pki/ca.crt
    tls-server-name: dev.example
    proxy-url: http://proxy
    extensions: [{name: fairway.dev/servers, extension: {servers: [https://dev2]}}]
- {name: stage, cluster: {server: https://stage, insecure-skip-tls-verify: true}}
contexts:
- {name: dev, context: {cluster: dev, user: dev, namespace: shop}}
- {name: stage, context: {cluster: stage, user: nobody}}
- {name: broken, context: {cluster: gone, user: dev}}
users:
- name: dev
  user: {client-certificate-data: YQ==, client-key-data: Yg==, tokenFile: token, token: old}
- {name: plugin, user: {exec: {command: ./bin/plugin, args: [./x]}}}
- {name: found-on-path, user: {exec: {command: plugin}}}
`;
const config: Kubeconfig = await parseKubeconfig(text, '/home/a/.kube/config');

function select(overrides: ClusterOverrides = {}): Selection {
  return selectContext(config, overrides, { workingDirectory: '/work', platform: 'linux' });
}

test('selectContext() follows the current context, paths seen from its file', () => {
  const selection = select();
  assert.equal(selection.contextName, 'dev');
  assert.equal(selection.namespace, 'shop');
  assert.equal(selection.cluster['certificate-authority'], '/home/a/.kube/pki/ca.crt');
  assert.equal(selection.user.tokenFile, '/home/a/.kube/token');
  assert.equal(selection.origin, 'context "dev" in /home/a/.kube/config');
});

test('selectContext() resolves an exec command only when it names a place', () => {
  assert.deepEqual(select({ user: 'plugin' }).user.exec, {
    command: '/home/a/.kube/bin/plugin',
    args: ['./x'],
  });
  assert.equal(select({ user: 'found-on-path' }).user.exec?.command, 'plugin');
});

test('selectContext() says which names there are when one does not exist', () => {
  const at = 'in /home/a/.kube/config';
  assert.throws(() => select({ context: 'prod' }), {
    problem: 'unknown-name',
    message: `context "prod" does not exist ${at} (has: broken, dev, stage)`,
  });
  assert.throws(() => select({ cluster: 'prod' }), {
    message: `cluster "prod" does not exist ${at} (has: dev, stage)`,
  });
  assert.throws(() => select({ user: 'x' }), {
    message: `user "x" does not exist ${at} (has: dev, found-on-path, plugin)`,
  });
  assert.throws(() => select({ context: 'broken' }), {
    message:
      /: contexts\["broken"\]\.context\.cluster: cluster "gone" was not found \(has: dev, stage\)$/,
  });
});

test('selectContext() names the file whose current context does not exist', async () => {
  const lost = await parseKubeconfig('current-context: x\ncontexts: [{name: z}]', '/k');
  assert.throws(() => selectContext(lost, {}, { workingDirectory: '/', platform: 'linux' }), {
    message: /^context was not found for specified context: x \(has: z\).* in \/k$/,
  });
});

test('selectContext() takes a context with an unknown user as nobody', () => {
  assert.deepEqual(select({ context: 'stage' }).user, {});
});

test('selectContext() forgets everything the file says about trust when a flag does', () => {
  const byAuthority = select({ context: 'stage', certificateAuthority: 'my.crt' }).cluster;
  assert.equal(byAuthority['insecure-skip-tls-verify'], undefined);
  assert.equal(byAuthority['certificate-authority'], '/work/my.crt');
  const insecure = select({ insecureSkipTlsVerify: true }).cluster;
  assert.equal(insecure['certificate-authority'], undefined);
  assert.equal(insecure['insecure-skip-tls-verify'], true);
});

test('selectContext() forgets name and other addresses of the server that a flag replaces', () => {
  const { cluster } = select({ server: 'https://other' });
  assert.equal(cluster.server, 'https://other');
  assert.equal(cluster['tls-server-name'], undefined);
  assert.equal(cluster.extensions, undefined);
  assert.equal(cluster['proxy-url'], 'http://proxy');
  const named = select({ server: 'https://other', tlsServerName: 'other.example' }).cluster;
  assert.equal(named['tls-server-name'], 'other.example');
});

test('selectContext() lets certificate files replace data, and a token the way to get one', () => {
  const { user } = select({ clientCertificate: 'me.crt', token: 'new' });
  assert.equal(user['client-certificate'], '/work/me.crt');
  assert.equal(user['client-certificate-data'], undefined);
  assert.equal(user['client-key-data'], undefined);
  assert.equal(user.token?.reveal(), 'new');
  assert.equal(user.tokenFile, undefined);
});

test('selectContext() strips the kind from a namespace', () => {
  for (const namespace of ['x', 'ns/x', 'namespace/x', 'Namespaces/x']) {
    assert.equal(select({ namespace }).namespace, 'x');
  }
});
