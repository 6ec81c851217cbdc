import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { type FakeMachine, fakeMachine, pem } from '../../test/fake-machine.ts';
import { findCluster, inClusterTarget } from './find-cluster.ts';

const authority = pem('CERTIFICATE', 'authority');
const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const accountFiles = {
  [`${account}/token`]: 'pod-s3cret\n',
  [`${account}/ca.crt`]: authority,
  [`${account}/namespace`]: 'shop\n',
};
const podVariables = {
  HOME: '/home/a',
  KUBERNETES_SERVICE_HOST: '10.0.0.1',
  KUBERNETES_SERVICE_PORT: '443',
};

function pod(options: { files?: object; variables?: object } = {}): FakeMachine {
  return fakeMachine({
    files: { ...accountFiles, ...options.files },
    variables: { ...podVariables, ...options.variables },
  });
}

function config(cluster: object, user: object = {}, context: object = {}): string {
  return JSON.stringify({
    'current-context': 'a',
    clusters: [{ name: 'a', cluster }],
    users: [{ name: 'a', user }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a', ...context } }],
  });
}

async function authorizationOf(machine: FakeMachine): Promise<string | undefined> {
  const target = await findCluster(machine);
  return (await target.credentials.current()).authorization?.reveal();
}

test('findCluster() says what to do when nothing is configured', async () => {
  await assert.rejects(findCluster(fakeMachine()), {
    problem: 'absent',
    message:
      /^no configuration has been provided, try setting KUBERNETES_MASTER environment variable; looked for \/home\/a\/\.kube\/config; write one/,
  });
  const contextless = fakeMachine({ files: { '/home/a/.kube/config': 'contexts: [{name: dev}]' } });
  await assert.rejects(findCluster(contextless), { message: /such as --context dev$/ });
});

test('findCluster() finds the service account of the pod', async () => {
  const target = await findCluster(pod());
  assert.equal(target.server, 'https://10.0.0.1');
  assert.equal(target.namespace, 'shop');
  assert.equal(await target.trust.certificateAuthority(), authority);
  const { authorization } = await target.credentials.current();
  assert.equal(authorization?.reveal(), 'Bearer pod-s3cret');
  assert.equal(target.origin, `the service account of this pod in ${account}/token`);
});

test('findCluster() prefers a kubeconfig to the pod, and takes the namespace of the pod', async () => {
  const machine = pod({ files: { '/home/a/.kube/config': config({ server: 'https://x' }) } });
  const target = await findCluster(machine);
  assert.deepEqual([target.server, target.namespace], ['https://x', 'shop']);
  const named = config({ server: 'https://x' }, {}, { namespace: 'mine' });
  const other = await findCluster(pod({ files: { '/home/a/.kube/config': named } }));
  assert.equal(other.namespace, 'mine');
});

test('findCluster() in controller order prefers the pod to the home directory only', async () => {
  const files = {
    '/home/a/.kube/config': config({ server: 'https://x' }),
    '/k': config({ server: 'https://k' }),
  };
  const options = { order: 'controller' } as const;
  assert.equal((await findCluster(pod({ files }), options)).server, 'https://10.0.0.1');
  const variables = { KUBECONFIG: '/k' };
  assert.equal((await findCluster(pod({ files, variables }), options)).server, 'https://k');
  const named = await findCluster(pod({ files }), { ...options, kubeconfig: '/k' });
  assert.equal(named.server, 'https://k');
  const chosen = await findCluster(pod({ files }), { ...options, overrides: { context: 'a' } });
  assert.equal(chosen.server, 'https://x');
});

test('findCluster() keeps to the pod when overrides only say how to trust it', async () => {
  const target = await findCluster(pod(), { overrides: { insecureSkipTlsVerify: true } });
  assert.equal(target.server, 'https://10.0.0.1');
  assert.equal(target.trust.isInsecure, true);
});

test('findCluster() does not hide a broken kubeconfig behind the pod', async () => {
  const machine = pod({ files: { '/home/a/.kube/config': 'clusters: 1' } });
  await assert.rejects(findCluster(machine), { problem: 'malformed' });
});

test('findCluster() honours overrides inside the cluster', async () => {
  const target = await findCluster(pod(), {
    overrides: { token: 'mine', namespace: 'ns/other', as: 'jane', asGroups: ['dev'] },
  });
  const { authorization } = await target.credentials.current();
  assert.equal(authorization?.reveal(), 'Bearer mine');
  assert.equal(target.namespace, 'other');
  assert.deepEqual(target.impersonate, { user: 'jane', groups: ['dev'] });
});

test('inClusterTarget() knows IPv6, POD_NAMESPACE, and another folder', async () => {
  const files = { '/scratch/token': 't', '/scratch/ca.crt': authority };
  const variables = { KUBERNETES_SERVICE_HOST: 'fd00::1', POD_NAMESPACE: 'mine' };
  const machine = pod({ files, variables });
  const target = await inClusterTarget(machine, { serviceAccountDirectory: '/scratch' });
  assert.equal(target.server, 'https://[fd00::1]');
  assert.equal(target.namespace, 'mine');
});

test('inClusterTarget() reads the folder that FAIRWAY_SERVICE_ACCOUNT_DIRECTORY names', async () => {
  const files = { '/run-1/token': 't', '/run-1/ca.crt': authority, '/run-1/namespace': 'shop' };
  const FAIRWAY_SERVICE_ACCOUNT_DIRECTORY = '/run-1';
  const variables = { ...podVariables, FAIRWAY_SERVICE_ACCOUNT_DIRECTORY };
  const target = await findCluster(fakeMachine({ files, variables }));
  assert.equal(target.namespace, 'shop');
  const { authorization } = await target.credentials.current();
  assert.equal(authorization?.reveal(), 'Bearer t');
});

test('inClusterTarget() says what a program outside lacks', async () => {
  await assert.rejects(inClusterTarget(fakeMachine()), {
    problem: 'absent',
    message:
      /^unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined/,
  });
});

test('inClusterTarget() refuses to start without a token, and goes on without a CA', async () => {
  await assert.rejects(inClusterTarget(fakeMachine({ variables: podVariables })), {
    problem: 'invalid',
    message: /serviceaccount\/token: no such file/,
  });
  const machine = pod({ files: { [`${account}/ca.crt`]: 'damaged' } });
  const target = await inClusterTarget(machine);
  assert.equal(await target.trust.certificateAuthority(), undefined);
  assert.equal(target.trust.isInsecure, false);
  assert.deepEqual(machine.warnings, [
    {
      message: 'no usable service account CA, trusting the system CAs',
      fields: { path: `${account}/ca.crt` },
    },
  ]);
});

test('findCluster() follows the service account token and CA as they are rotated', async () => {
  const machine = pod();
  const target = await findCluster(machine);
  const first = await target.credentials.current();
  machine.files.put(`${account}/token`, 'second');
  const renewed = pem('CERTIFICATE', 'renewed');
  machine.files.put(`${account}/ca.crt`, renewed);
  await machine.clock.advance(49_000);
  assert.equal(await target.credentials.current(), first);
  await machine.clock.advance(1000);
  assert.equal((await target.credentials.current()).authorization?.reveal(), 'Bearer second');
  assert.equal(await target.trust.certificateAuthority(), authority);
  await machine.clock.advance(5 * 60_000);
  assert.equal(await target.trust.certificateAuthority(), renewed);
});

test('findCluster() takes KUBERNETES_MASTER as the server of a configuration without one', async () => {
  const machine = fakeMachine({ variables: { KUBERNETES_MASTER: 'http://m:8080/' } });
  assert.equal((await findCluster(machine)).server, 'http://m:8080');
});

test('findCluster() completes addresses and attaches secrets to https only', async () => {
  async function target(cluster: object): Promise<[string, string | undefined]> {
    const machine = fakeMachine({
      files: { '/home/a/.kube/config': config(cluster, { token: 't' }) },
    });
    return [(await findCluster(machine)).server, await authorizationOf(machine)];
  }
  assert.deepEqual(await target({ server: 'a:1' }), ['http://a:1', undefined]);
  assert.deepEqual(await target({ server: 'a:1', 'insecure-skip-tls-verify': true }), [
    'https://a:1',
    'Bearer t',
  ]);
  assert.deepEqual(await target({ server: 'https://a/prefix/?q=1#f' }), [
    'https://a/prefix',
    'Bearer t',
  ]);
  assert.deepEqual(await target({ server: 'http://a' }), ['http://a', undefined]);
});

test('findCluster() knows every address of the cluster, none of them in the clear', async () => {
  const servers = ['https://b/', 'https://a', 'http://c', 'https://b', 5];
  const cluster = {
    server: 'https://a',
    extensions: [{ name: 'fairway.dev/servers', extension: { servers } }],
  };
  const machine = fakeMachine({ files: { '/home/a/.kube/config': config(cluster) } });
  assert.deepEqual((await findCluster(machine)).servers, ['https://a', 'https://b']);
});

test('findCluster() chooses credentials by the precedence of kubectl', async () => {
  const certificate = {
    'client-certificate-data': btoa(pem('CERTIFICATE', 'me')),
    'client-key-data': btoa(pem('PRIVATE KEY', 'me')),
  };
  const exec = { command: 'p', apiVersion: 'client.authentication.k8s.io/v1beta1' };
  async function credential(user: object, files: Record<string, string> = {}): Promise<object> {
    const machine = fakeMachine({
      files: { '/home/a/.kube/config': config({ server: 'https://a' }, user), ...files },
    });
    const { credentials } = await findCluster(machine);
    const { authorization, clientCertificate } = await credentials.current();
    return {
      header: authorization?.reveal(),
      hasCertificate: clientCertificate !== undefined,
      runs: machine.commands.length,
    };
  }
  const header = (value: string | undefined, hasCertificate = false): object => ({
    header: value,
    hasCertificate,
    runs: 0,
  });
  assert.deepEqual(await credential({}), header(undefined));
  assert.deepEqual(await credential({ token: 't', exec }), header('Bearer t'));
  assert.deepEqual(
    await credential({ username: 'u', password: 'pä', exec }),
    header('Basic dTpww6Q='),
  );
  assert.deepEqual(await credential({ ...certificate, exec }), header(undefined, true));
  assert.deepEqual(await credential({ ...certificate, token: 't' }), header('Bearer t', true));
  const tokenFile = { token: 'inline', tokenFile: '/t' };
  assert.deepEqual(await credential(tokenFile), header('Bearer inline'));
  assert.deepEqual(await credential(tokenFile, { '/t': 'file\n' }), header('Bearer file'));
});

test('findCluster() gives a target that shows no secret', async () => {
  const user = { username: 'jane', password: 's3cret', as: 'joe' };
  const cluster = { server: 'https://a', 'proxy-url': 'http://jane:s3cret@proxy:3128' };
  const machine = fakeMachine({ files: { '/home/a/.kube/config': config(cluster, user) } });
  const target = await findCluster(machine);
  const credential = await target.credentials.current();
  assert.equal(target.proxyUrl?.reveal(), 'http://jane:s3cret@proxy:3128');
  for (const value of [target, credential]) {
    const shown = inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value);
    assert.doesNotMatch(shown, /s3cret|amFuZTpzM2NyZXQ/);
  }
});

test('findCluster() carries request timeout and compression', async () => {
  const cluster = { server: 'https://a', 'disable-compression': true };
  const machine = fakeMachine({ files: { '/home/a/.kube/config': config(cluster) } });
  const target = await findCluster(machine, { overrides: { requestTimeout: '5s' } });
  assert.equal(target.requestTimeoutMs, 5000);
  assert.equal(target.disableCompression, true);
});
