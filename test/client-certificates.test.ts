import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { makeCertificateRequest } from '@fairway/certificates/testing';
import { installedKubectls } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';

const kubectl = (await installedKubectls()).at(-1)?.file;
const skip = kubectl === undefined && 'kubectl is not on the PATH';

test('a user gets a client certificate with kubectl, and uses it', { skip }, async () => {
  await using open = await openCluster();
  const { admin, directory } = open;
  const env = { ...process.env, KUBECONFIG: open.cluster.kubeconfig };
  const run = async (...words: readonly string[]): Promise<string> =>
    (await promisify(execFile)(kubectl ?? '', words, { cwd: directory, env })).stdout;
  const { request, key } = await makeCertificateRequest({ subject: 'O=ops, CN=ann' });
  const spec = {
    request: Buffer.from(request).toString('base64'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    expirationSeconds: 3_600,
    usages: ['client auth'] as const,
  };
  const name = 'ann';
  const apiVersion = 'certificates.k8s.io/v1';
  const manifest = { apiVersion, kind: 'CertificateSigningRequest', metadata: { name }, spec };
  await writeFile(join(directory, 'csr.json'), JSON.stringify(manifest));
  await run('create', '-f', 'csr.json');
  assert.match(await run('get', 'csr', name), /kube-apiserver-client +fairway-admin +60m +Pending/);
  assert.match(await run('certificate', 'approve', name), /ann approved/);
  await admin.waitFor(
    CertificateSigningRequest,
    name,
    ({ status }) => (status?.certificate ?? '') !== '',
  );
  assert.match(await run('get', 'csr', name), /Approved,Issued/);
  const other = { ...manifest, metadata: { name: 'unwanted' } };
  await writeFile(join(directory, 'unwanted.json'), JSON.stringify(other));
  await run('create', '-f', 'unwanted.json');
  assert.match(await run('certificate', 'deny', 'unwanted'), /unwanted denied/);
  assert.match(await run('get', 'csr', 'unwanted'), / Denied\n/);
  const certificate = await run('get', 'csr', name, '-o', 'jsonpath={.status.certificate}');
  await writeFile(join(directory, 'ann.crt'), Buffer.from(certificate, 'base64'));
  await writeFile(join(directory, 'ann.key'), key.reveal());
  await run(
    'config',
    'set-credentials',
    name,
    '--client-certificate=ann.crt',
    '--client-key=ann.key',
  );
  const who = JSON.parse(await run('auth', 'whoami', '-o', 'json', '--user', name)) as {
    status: { userInfo: { username: string; groups: readonly string[] } };
  };
  const { username, groups } = who.status.userInfo;
  assert.deepEqual([username, groups], ['ann', ['ops', 'system:authenticated']]);
  const refused = run('get', 'nodes', '--user', name);
  await assert.rejects(refused, /User "ann" cannot list resource "nodes"/);
  await run(
    'create',
    'clusterrolebinding',
    'ops',
    '--clusterrole=system:node-proxier',
    '--group=ops',
  );
  assert.match(await run('get', 'nodes', '--user', name, '-o', 'name'), /^$/);
});
