import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  type CertifiedKey,
  issueCertificate,
  makeCertificateAuthority,
} from '@fairway/certificates';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { sendHttp1, suggestPort } from '@fairway/serving/testing';
import { scratchFolder } from '../packages/cli/test/command-line.ts';
import { type RunningProgram, fairwayCommand, startProgram } from './fairway-process.ts';
import { expectOutputs, guideScript, guideVariables, readGuide } from './run-guide.ts';

const terms = { clock: systemClock, random: systemRandom, validityMs: 3_600_000 };

/** A folder of `fairway envtest`, as a suite finds it. */
async function writeAssets(folder: string): Promise<string> {
  const [file, ...words] = fairwayCommand;
  const run = promisify(execFile);
  const { stdout } = await run(file, [...words, 'envtest', 'assets'], { cwd: folder });
  assert.equal(stdout, `export KUBEBUILDER_ASSETS=${join(folder, 'assets')}\n`);
  return join(folder, 'assets');
}

/** Starts a program and waits until `url` answers 200, looking at it as controller-runtime does. */
async function start(
  program: string,
  flags: readonly string[],
  url: string,
): Promise<RunningProgram> {
  const running = startProgram([program, ...flags]);
  while (!(await isOk(url))) {
    const { exitCode } = running.child;
    assert.equal(exitCode, null, exitCode === null ? '' : (await running.ended).output);
    await delay(20);
  }
  return running;
}

/** What controller-runtime's Stop does; answers the exit code. */
async function stop({ child, ended }: RunningProgram): Promise<number | null> {
  child.kill('SIGTERM');
  return (await ended).exitCode;
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await sendHttp1(url, { rejectUnauthorized: false })).status === 200;
  } catch {
    return false;
  }
}

/** Begins a watch; `ended` resolves when the server has ended it. */
async function watch(
  url: string,
  { ca, user }: { readonly ca: string; readonly user: CertifiedKey },
): Promise<{ readonly ended: Promise<unknown> }> {
  const { certificate: cert, key } = user;
  const asked = get(url, { agent: false, ca, cert, key: key.reveal() });
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  assert.equal(response.statusCode, 200);
  response.resume();
  return { ended: once(response, 'close') };
}

test('a test environment starts, uses and stops the programs of fairway envtest', async () => {
  await using folder = await scratchFolder();
  const assets = await writeAssets(folder.path);
  const [etcdProgram, apiProgram] = [join(assets, 'etcd'), join(assets, 'kube-apiserver')];
  const [etcdPort, peerPort, port] = [
    await suggestPort(),
    await suggestPort(),
    await suggestPort(),
  ];

  // What controller-runtime's envtest writes and passes, in its order.
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const [dataDir, certDir] = [join(folder.path, 'etcd'), join(folder.path, 'certs')];
  await mkdir(dataDir);
  await mkdir(certDir);
  const subject = { commonName: 'envtest-environment', organizations: ['envtest'] };
  const [serving, clients, accounts] = await Promise.all(
    [1, 2, 3].map(() => makeCertificateAuthority({ ...terms, subject })),
  );
  assert.ok(serving !== undefined && clients !== undefined && accounts !== undefined);
  const server = await issueCertificate(
    serving,
    { kind: 'server', names: ['localhost', '127.0.0.1'] },
    { ...terms, subject: { commonName: 'localhost', organizations: ['envtest'] } },
  );
  const written = {
    'apiserver.crt': server.certificate,
    'apiserver.key': server.key.reveal(),
    'client-cert-auth-ca.crt': clients.certificate,
    'sa-signer.crt': accounts.certificate,
    'sa-signer.key': accounts.key.reveal(),
  };
  for (const [name, text] of Object.entries(written)) await writeFile(join(certDir, name), text);
  await using etcd = await start(
    etcdProgram,
    [
      `--advertise-client-urls=${etcdUrl}`,
      `--data-dir=${dataDir}`,
      `--listen-client-urls=${etcdUrl}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      '--unsafe-no-fsync=true',
    ],
    `${etcdUrl}/health`,
  );
  const url = `https://127.0.0.1:${port}`;
  await using api = await start(
    apiProgram,
    [
      '--allow-privileged=true',
      '--authorization-mode=RBAC',
      '--bind-address=127.0.0.1',
      `--cert-dir=${certDir}`,
      `--client-ca-file=${join(certDir, 'client-cert-auth-ca.crt')}`,
      '--disable-admission-plugins=ServiceAccount',
      `--etcd-servers=${etcdUrl}`,
      `--secure-port=${port}`,
      `--service-account-issuer=${url}/`,
      `--service-account-key-file=${join(certDir, 'sa-signer.crt')}`,
      `--service-account-signing-key-file=${join(certDir, 'sa-signer.key')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
    ],
    `${url}/healthz`,
  );
  const user = await issueCertificate(
    clients,
    { kind: 'client' },
    { ...terms, subject: { commonName: 'admin', organizations: ['system:masters'] } },
  );
  const ask = async (method: string, path: string, body?: object) => {
    const { status, text } = await sendHttp1(`${url}${path}`, {
      method,
      ca: serving.certificate,
      cert: user.certificate,
      key: user.key.reveal(),
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status, json: JSON.parse(text) as Answer };
  };

  const boats = '/apis/example.org/v1/namespaces/default/boats';
  const definition = await ask(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    boat,
  );
  assert.equal(definition.status, 201, JSON.stringify(definition.json));
  while ((await ask('GET', boats)).status === 404) await delay(5);
  const made = await ask('POST', boats, {
    apiVersion: 'example.org/v1',
    kind: 'Boat',
    metadata: { name: 'a' },
    spec: { sails: 2 },
  });
  assert.equal(made.status, 201, JSON.stringify(made.json));
  // No controller has made a service account, and none is asked for.
  const pod = await ask('POST', '/api/v1/namespaces/default/pods', privilegedPod);
  assert.equal(pod.status, 201, JSON.stringify(pod.json));
  const accountsThere = await ask('GET', '/api/v1/serviceaccounts');
  assert.deepEqual(accountsThere.json.items, []);
  // A manager that still watches does not keep it from stopping.
  const watched = await watch(`${url}${boats}?watch=true`, { ca: serving.certificate, user });
  const stopped = stop(api);
  await watched.ended;
  assert.equal(await stopped, 0);

  const other = await sendHttp1(`${etcdUrl}/v3/kv/range`, { method: 'POST', body: '{}' });
  assert.equal(other.status, 501);
  assert.match(other.text, /this is no etcd but what Fairway has in its place for envtest/);
  assert.equal(await stop(etcd), 0);
});

interface Answer {
  readonly items?: readonly unknown[];
}

const boat = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boats.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { sails: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
};

const privilegedPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] },
};

test('the commands of the guide work, typed one after the other', async () => {
  await using folder = await scratchFolder();
  const [etcdPort, port] = [await suggestPort(), await suggestPort()];
  const guide = (await readGuide('envtest'))
    .replaceAll('2379', String(etcdPort))
    .replaceAll('6443', String(port));
  const { steps, script } = guideScript(guide);
  assert.equal(steps.length, 5);
  const options = { cwd: folder.path, env: guideVariables(folder.path) };
  // Job control, as in the shell of a reader.
  const { stdout } = await promisify(execFile)('bash', ['-mc', script], options);
  expectOutputs(steps, stdout);
});
