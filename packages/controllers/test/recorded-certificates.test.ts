import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { readFile } from 'node:fs/promises';
import type { Handler, KubernetesObject } from '@fairway/protocol';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import { makeCertificateAuthority } from '@fairway/certificates';
import { makeCertificateRequest } from '@fairway/certificates/testing';
import type { Answer } from '@fairway/apiserver/testing';
import { type RunningCluster, startRunningCluster } from './running-cluster.ts';

interface Step {
  readonly note?: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: KubernetesObject;
  };
  readonly response: { readonly code: number; readonly body: KubernetesObject };
}

const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

test('what was asked of a kube-apiserver about certificates is answered alike, and used alike', async () => {
  const file = new URL('fixtures/recorded-certificates.json', import.meta.url);
  const { steps } = JSON.parse(await readFile(file, 'utf8')) as { steps: readonly Step[] };
  const authority = await makeCertificateAuthority({
    subject: { commonName: 'ca', organizations: [] },
    validityMs: 10 * 365 * 24 * 3_600_000,
    clock: new ManualClock(),
    random: seededRandom(5),
  });
  await using cluster = await startRunningCluster({
    authorityCertificate: authority.certificate,
    authorityKey: authority.key,
  });
  const teller = new Teller(cluster);
  for (const [at, step] of steps.entries()) {
    const what = `step ${at}, ${step.request.method} ${step.request.path}`;
    await teller.prepare(step);
    if (step.request.method === 'GET' && step.request.path.startsWith(requests)) {
      await cluster.until(what, async () => isLike(await teller.ask(step), step));
    }
    const answer = await teller.ask(step);
    assert.equal(answer.status, step.response.code, `${what}: ${answer.text}`);
    assert.deepEqual(shown(answer.json), unmasked(step.response.body, shown(answer.json)), what);
  }
  assert.deepEqual(cluster.warnings, []);
});

/** Asks what the story asks, with requests for certificates of its own. */
class Teller {
  readonly #cluster: RunningCluster;
  readonly #pems = new Map<string, Promise<string>>();
  #certificate = '';

  constructor(cluster: RunningCluster) {
    this.#cluster = cluster;
  }

  /** What was done beside the story. */
  async prepare({ request }: Step): Promise<void> {
    const { server, until } = this.#cluster;
    const name = request.path.split('/')[5] ?? '';
    if (request.method === 'GET' && name === 'rec-b-badk') {
      const { json } = await server.expect(200, 'GET', `${requests}/${name}`);
      const conditions = [{ type: 'Approved', status: 'True', reason: 'r' }];
      const body = { ...json, status: { conditions } };
      await server.expect(200, 'PUT', `${requests}/${name}/approval`, { body });
      await until('a refusal', async () => {
        const found = await server.expect(200, 'GET', `${requests}/${name}`);
        return (found.json['status'].conditions as readonly unknown[]).length > 1;
      });
    }
    if (name !== 'rec-b-p2') return;
    const spec = await this.#spec(name);
    const body = { metadata: { name }, spec };
    await server.expect(201, 'POST', requests, { body });
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const rules = [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests/approval'],
        verbs: ['update'],
      },
    ];
    const role = { metadata: { name }, rules };
    await server.expect(201, 'POST', `${rbac}/clusterroles`, { body: role });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'dan' }];
    const binding = { metadata: { name }, roleRef, subjects };
    await server.expect(201, 'POST', `${rbac}/clusterrolebindings`, { body: binding });
    await server.clock.advance(1_000);
  }

  async ask(step: Step): Promise<Answer> {
    const { server } = this.#cluster;
    const { method, path, headers = {} } = step.request;
    const body = await this.#fillIn(step);
    const handler = this.#handlerFor(step);
    const answer = await server.request(method, path, {
      headers,
      ...(body === undefined ? {} : { body }),
      ...(handler === undefined ? {} : { handler }),
    });
    const certificate: unknown = answer.text.includes('"certificate"')
      ? answer.json['status']?.certificate
      : undefined;
    if (path.endsWith('carol') && typeof certificate === 'string') this.#certificate = certificate;
    return answer;
  }

  /** The API for others than the administrator: who is impersonated, who holds the certificate. */
  #handlerFor({ note = '', request }: Step): Handler | undefined {
    const { api } = this.#cluster.server;
    const username = request.headers?.['Impersonate-User'];
    if (username !== undefined) return api.handlerFor({ username, groups: [] });
    if (!note.startsWith('with the issued')) return undefined;
    const certificate = new X509Certificate(Buffer.from(this.#certificate, 'base64')).raw;
    const peer = { address: '192.0.2.9', certificate, isCertificateTrusted: true };
    return (asked) => api.handler({ ...asked, peer });
  }

  async #fillIn({ request: { body } }: Step): Promise<unknown> {
    const name = body?.metadata?.name;
    if (name === undefined || body === undefined) return body;
    const filled = JSON.parse(
      JSON.stringify(body).replaceAll('<base64 pem>', await this.#pem(name)),
    ) as KubernetesObject & { status?: { certificate?: string } };
    if (filled.status?.certificate !== undefined) filled.status.certificate = this.#certificate;
    const { json } = await this.#cluster.server.request('GET', `${requests}/${name}`);
    const { uid, resourceVersion } = json.metadata;
    const text = JSON.stringify(filled)
      .replaceAll('"<uid>"', JSON.stringify(uid ?? ''))
      .replaceAll('"<rv>"', JSON.stringify(resourceVersion ?? ''))
      .replaceAll('"<time>"', JSON.stringify(json.metadata.creationTimestamp ?? null));
    return JSON.parse(text);
  }

  async #spec(name: string): Promise<object> {
    const signerName = 'kubernetes.io/kube-apiserver-client';
    return { request: await this.#pem(name), signerName, usages: ['client auth'] };
  }

  #pem(name: string): Promise<string> {
    const known = this.#pems.get(name);
    if (known !== undefined) return known;
    const made = makeCertificateRequest({ subject: subjects[name] ?? 'CN=x' });
    const pem = made.then(({ request }) => Buffer.from(request).toString('base64'));
    this.#pems.set(name, pem);
    return pem;
  }
}

const subjects: Readonly<Record<string, string>> = {
  'rec-b-carol': 'O=rec-ops, O=rec-team, CN=cert-carol',
  'rec-b-node': 'O=system:nodes, CN=system:node:rec-b-idn',
};

function isLike({ json }: Answer, { response }: Step): boolean {
  try {
    assert.deepEqual(shown(json), unmasked(response.body, shown(json)));
    return true;
  } catch {
    return false;
  }
}

/** As the story was kept. */
function shown(object: KubernetesObject): unknown {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return JSON.parse(JSON.stringify({ ...object, metadata }));
}

const masks: Readonly<Record<string, RegExp>> = {
  '<rv>': /^\d+$/,
  '<uid>': /^[0-9a-f-]{36}$/,
  '<time>': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  '<base64 pem>': /^LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSB?[A-Za-z0-9+/=]+$/,
};

/** What is expected, with what was made up anew put in the place of its mask. */
function unmasked(expected: unknown, found: unknown): unknown {
  if (typeof expected === 'string') {
    const isDigest = expected.startsWith('X509SHA256=') && String(found).length === expected.length;
    const isAlike = masks[expected]?.test(String(found)) ?? isDigest;
    return isAlike ? found : expected;
  }
  if (Array.isArray(expected)) {
    return expected.map((each, at) => unmasked(each, Array.isArray(found) ? found[at] : undefined));
  }
  if (typeof expected !== 'object' || expected === null) return expected;
  const other = (found ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [name, unmasked(value, other[name])]),
  );
}
