import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFiles } from '@fairway/host/testing';
import { pem } from '../../test/fake-machine.ts';
import { parseKubeconfig } from './load-kubeconfig.ts';
import { flattenKubeconfig, minifyKubeconfig, viewKubeconfig } from './view-kubeconfig.ts';

const text = `
current-context: b
clusters:
- {name: b, cluster: {server: https://b, certificate-authority: ca.crt, later: 1}}
- {name: a, cluster: {certificate-authority-data: YQ==, insecure-skip-tls-verify: false}}
contexts:
- {name: b, context: {cluster: b, user: u}}
- {name: lost, context: {cluster: nowhere, user: u}}
users:
- name: u
  user:
    client-key-data: s3cr
    token: s3cret
    exec: {command: p, apiVersion: client.authentication.k8s.io/v1beta1}
    auth-provider: {name: oidc, config: {id-token: s3cret, client-id: me}}
`;
const config = await parseKubeconfig(text, '/k/config');

test('viewKubeconfig() shows what kubectl config view shows, secrets left out', () => {
  assert.deepEqual(viewKubeconfig(config, { secrets: 'redacted' }), {
    kind: 'Config',
    apiVersion: 'v1',
    preferences: {},
    clusters: [
      { name: 'a', cluster: { server: '', 'certificate-authority-data': 'DATA+OMITTED' } },
      { name: 'b', cluster: { server: 'https://b', 'certificate-authority': 'ca.crt' } },
    ],
    users: [
      {
        name: 'u',
        user: {
          'client-key-data': 'DATA+OMITTED',
          token: 'REDACTED',
          'auth-provider': { name: 'oidc', config: { 'id-token': 'REDACTED', 'client-id': 'me' } },
          exec: {
            command: 'p',
            args: null,
            env: null,
            apiVersion: 'client.authentication.k8s.io/v1beta1',
            provideClusterInfo: false,
            interactiveMode: 'IfAvailable',
          },
        },
      },
    ],
    contexts: [
      { name: 'b', context: { cluster: 'b', user: 'u' } },
      { name: 'lost', context: { cluster: 'nowhere', user: 'u' } },
    ],
    'current-context': 'b',
  });
});

test('viewKubeconfig() shows an empty configuration as kubectl does', async () => {
  assert.deepEqual(viewKubeconfig(await parseKubeconfig('', '/k'), { secrets: 'redacted' }), {
    kind: 'Config',
    apiVersion: 'v1',
    preferences: {},
    clusters: null,
    users: null,
    contexts: null,
    'current-context': '',
  });
});

test('viewKubeconfig() shows everything when asked to', () => {
  const shown = JSON.stringify(viewKubeconfig(config, { secrets: 'shown' }));
  assert.match(shown, /"token":"s3cret"/);
  assert.match(shown, /"client-key-data":"s3cr"/);
});

test('minifyKubeconfig() keeps what one context needs', async () => {
  const small = minifyKubeconfig(config);
  assert.deepEqual([...small.clusters.keys()], ['b']);
  assert.deepEqual([...small.contexts.keys()], ['b']);
  assert.throws(() => minifyKubeconfig(config, 'x'), {
    message: 'cannot locate context x (has: b, lost)',
  });
  assert.throws(() => minifyKubeconfig(config, 'lost'), {
    message: 'cannot locate cluster nowhere (has: a, b)',
  });
  const empty = await parseKubeconfig('', '/k');
  assert.throws(() => minifyKubeconfig(empty), { message: /^current-context must exist/ });
});

test('flattenKubeconfig() takes the named files in, or says which one is missing', async () => {
  const certificate = pem('CERTIFICATE', 'ca');
  const flat = await flattenKubeconfig(
    new MemoryFiles({ '/k/ca.crt': certificate }),
    config,
    'linux',
  );
  const cluster = flat.clusters.get('b')?.value;
  assert.equal(cluster?.['certificate-authority'], undefined);
  assert.equal(cluster?.['certificate-authority-data'], btoa(certificate));
  await assert.rejects(flattenKubeconfig(new MemoryFiles(), config, 'linux'), {
    message: 'error loading config: /k/config: "b" names /k/ca.crt, which does not exist',
  });
});
