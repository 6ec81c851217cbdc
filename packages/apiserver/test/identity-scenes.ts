import assert from 'node:assert/strict';
import { type ServiceAccountKeys, legacyTokenIssuer, serviceAccountTokens } from '@fairway/access';
import type { Answer, TestServer } from '@fairway/apiserver/testing';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { type Cue, type Step, type Story, assertLike } from '@fairway/apiserver/recorded-story';

const namespace = 'rec-b-id3';
const place = `/api/v1/namespaces/${namespace}`;
const accounts = `${place}/serviceaccounts`;
export const recordedIssuer = 'https://kubernetes.default.svc.cluster.local';

/** What was recorded of a token that a request carried or an answer held. */
interface RecordedToken {
  readonly header: unknown;
  readonly claims: { readonly exp?: number; readonly iat?: number };
  readonly lifetimeSeconds?: number;
}

/** What happened before a step of a story, and whose token it carries. */
interface Scene {
  readonly before?: Readonly<Record<number, () => Promise<unknown>>>;
  readonly token?: (at: number) => string | undefined;
  /** What `<uid>` in the body of a step is, from the path of its object. */
  readonly uidOf?: Readonly<Record<number, string>>;
}

/** The parts of the identity stories that were not recorded. */
export class IdentityScenes {
  readonly #server: TestServer;
  readonly #keys: ServiceAccountKeys;
  readonly #tokens = new Map<string, string>();

  constructor(server: TestServer, keys: ServiceAccountKeys) {
    this.#server = server;
    this.#keys = keys;
  }

  /** Makes what a story begins with. */
  async set({ given = [] }: Story): Promise<void> {
    for (const { path, body } of given) {
      await this.#server.expect(201, 'POST', path, { body });
      if (path !== '/api/v1/namespaces') continue;
      const account = { metadata: { name: 'default' } };
      await this.#server.expect(201, 'POST', accounts, { body: account });
    }
    await this.#issue('bot', {});
    await settle();
  }

  cue(story: Story): Cue {
    const scene = this.#scenes()[story.name] ?? {};
    return async (at, recorded) => {
      await scene.before?.[at]?.();
      const { headers } = recorded.request;
      const isAnonymous = headers !== undefined && Object.keys(headers).length === 0;
      const isSigned = headers?.['authorization'] !== undefined;
      const token = this.#tokens.get(scene.token?.(at) ?? 'bot') ?? '';
      const uid = await this.#uidAt(scene.uidOf?.[at]);
      let text = JSON.stringify(recorded.request).replaceAll('<jwt>', token);
      if (uid !== undefined) text = text.replaceAll('<uid>', uid);
      const request = JSON.parse(text) as Step['request'];
      const step = { ...recorded, request: { ...request, headers: lowered(headers, token) } };
      return {
        step,
        ...(isSigned || isAnonymous ? { handler: this.#server.api.handler } : {}),
        check: (answer) => checkToken(answer, recorded),
      };
    };
  }

  #scenes(): Readonly<Record<string, Scene>> {
    const holder = `${place}/pods/holder`;
    const moveHolder = (): Promise<void> => this.#moveHolder();
    return {
      'tokenrequest: bound to pod, secret, node': {
        before: { 11: moveHolder },
        uidOf: { 0: holder, 2: 'another', 10: holder, 11: holder },
      },
      'tokenreview: good, wrong audience, tampered, other issuer, empty': {
        before: {
          2: () => this.#issue('vault', { audiences: ['vault'] }),
          4: async () => this.#tokens.set('tampered', tampered(this.#tokens.get('bot') ?? '')),
          9: () => this.#craft('stranger', { issuer: 'https://other.example' }),
        },
        token: (at) => ({ 2: 'vault', 3: 'vault', 4: 'tampered', 9: 'stranger', 10: 'vault' })[at],
      },
      'tokenreview: bound object or account deleted, expired': this.#deletions(),
      'selfsubjectreview: users, extras': {
        before: {
          2: async () => {
            await moveHolder();
            await this.#issue('on node', { boundObjectRef: { kind: 'Pod', name: 'holder' } });
            await this.#issue('node', { boundObjectRef: { kind: 'Node', name: 'rec-b-idn' } });
          },
        },
        token: (at) => ({ 2: 'on node', 4: 'node' })[at],
      },
      'impersonation refused: a user without the impersonate verb': {
        before: { 5: () => this.#grantImpersonation() },
      },
      'legacy secret tokens': {
        before: {
          1: () => this.#fillSecret(),
          9: () => this.#server.expect(200, 'DELETE', `${place}/secrets/leg`),
        },
        token: () => 'leg',
      },
      'node authorizer: refusals and grants for system:node:rec-b-idn': {
        uidOf: { 13: `${place}/pods/onnode` },
      },
    };
  }

  #deletions(): Scene {
    const objects = {
      pod: [`${place}/pods`, { ...holderPod, metadata: { name: 'rec-b-gone3-pod' } }],
      secret: [`${place}/secrets`, { metadata: { name: 'rec-b-gone3-secret' } }],
      node: ['/api/v1/nodes', { metadata: { name: 'rec-b-gone3-node' } }],
    } as const;
    const kinds = { pod: 'Pod', secret: 'Secret', node: 'Node' } as const;
    const make = (kind: keyof typeof objects) => async (): Promise<void> => {
      const [path, body] = objects[kind];
      await this.#server.expect(201, 'POST', path, { body });
      await this.#issue(kind, {
        boundObjectRef: { kind: kinds[kind], apiVersion: 'v1', name: body.metadata.name },
      });
    };
    const end = (kind: keyof typeof objects) => async (): Promise<void> => {
      const [path, body] = objects[kind];
      const gone = `${path}/${body.metadata.name}?gracePeriodSeconds=0`;
      await this.#server.expect(200, 'DELETE', gone);
    };
    const brief = { body: { metadata: { name: 'brief' } } };
    return {
      before: {
        0: make('pod'),
        1: end('pod'),
        2: make('secret'),
        3: end('secret'),
        4: make('node'),
        5: end('node'),
        6: async () => {
          await this.#server.expect(201, 'POST', accounts, brief);
          await this.#issue('brief', {}, 'brief');
        },
        13: () => this.#server.expect(200, 'DELETE', `${accounts}/brief`),
        14: () => this.#server.expect(201, 'POST', accounts, brief),
        15: () => this.#craft('expired', { ageSeconds: 4_000, lifetimeSeconds: 3_900 }),
        17: () => this.#craft('early', { ageSeconds: -600 }),
      },
      token: (at) =>
        'pod pod secret secret node node brief pod pod secret secret node node brief brief expired expired early'.split(
          ' ',
        )[at],
    };
  }

  async #issue(name: string, spec: object, account = 'bot'): Promise<void> {
    const { json } = await this.#server.expect(201, 'POST', `${accounts}/${account}/token`, {
      body: { spec },
    });
    this.#tokens.set(name, json['status'].token as string);
  }

  /** A token of the account `bot` that this server would not issue, signed with its key. */
  async #craft(
    name: string,
    { issuer = recordedIssuer, ageSeconds = 0, lifetimeSeconds = 3_600 },
  ): Promise<void> {
    const { json } = await this.#server.expect(200, 'GET', `${accounts}/bot`);
    const clock = new ManualClock(this.#server.clock.now() - ageSeconds * 1_000);
    const random = seededRandom(1);
    const tokens = serviceAccountTokens({
      keys: () => this.#keys,
      issuers: [issuer],
      clock,
      random,
    });
    const serviceAccount = { name: 'bot', uid: json.metadata.uid ?? '' };
    const audiences = [recordedIssuer];
    const wish = { namespace, serviceAccount, audiences, lifetimeSeconds };
    this.#tokens.set(name, (await tokens.issue(wish)).token.reveal());
  }

  /** What the tokens controller does. */
  async #fillSecret(): Promise<void> {
    const { json: account } = await this.#server.expect(200, 'GET', `${accounts}/bot`);
    const uid = account.metadata.uid ?? '';
    const wish = { account: { namespace, name: 'bot', uid }, secretName: 'leg' };
    const token = (await legacyTokenIssuer(() => this.#keys)(wish)).reveal();
    this.#tokens.set('leg', token);
    const body = {
      metadata: { annotations: { 'kubernetes.io/service-account.uid': uid } },
      data: Object.fromEntries(
        Object.entries({ token, namespace, 'ca.crt': 'a certificate' }).map(([key, value]) => [
          key,
          Buffer.from(value).toString('base64'),
        ]),
      ),
    };
    const headers = { 'content-type': 'application/merge-patch+json' };
    await this.#server.expect(200, 'PATCH', `${place}/secrets/leg`, { body, headers });
  }

  async #moveHolder(): Promise<void> {
    const body = { metadata: { name: 'holder' }, target: { kind: 'Node', name: 'rec-b-idn' } };
    await this.#server.expect(201, 'POST', `${place}/pods/holder/binding`, { body });
  }

  async #grantImpersonation(): Promise<void> {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const rules = [
      { apiGroups: [''], resources: ['users'], resourceNames: ['ann'], verbs: ['impersonate'] },
    ];
    const metadata = { name: 'impersonates-ann' };
    await this.#server.expect(201, 'POST', `${rbac}/clusterroles`, { body: { metadata, rules } });
    const roleRef = {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: metadata.name,
    };
    const subjects = [{ kind: 'ServiceAccount', name: 'bot', namespace }];
    const body = { metadata, roleRef, subjects };
    await this.#server.expect(201, 'POST', `${rbac}/clusterrolebindings`, { body });
    await settle();
  }

  async #uidAt(path: string | undefined): Promise<string | undefined> {
    if (path === undefined || path === 'another') return path;
    const { json } = await this.#server.expect(200, 'GET', path);
    return json.metadata.uid;
  }
}

const holderPod: KubernetesObject & { readonly spec: object } = {
  metadata: { name: 'holder' },
  spec: {
    serviceAccountName: 'bot',
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'reg.example/app:1' }],
  },
};

/** A transport writes the names of headers in small letters. */
function lowered(
  headers: Readonly<Record<string, string>> = {},
  token: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value.replace('<jwt>', token),
    ]),
  );
}

function tampered(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const first = signature.startsWith('A') ? 'B' : 'A';
  return [header, payload, first + signature.slice(1)].join('.');
}

/** Holds the token in an answer against the one that was recorded. */
function checkToken({ json }: Answer, step: Step): void {
  const [recorded] = (step as { readonly tokens?: readonly RecordedToken[] }).tokens ?? [];
  const inData = Buffer.from(String(json['data']?.token ?? ''), 'base64').toString();
  const token = String(json['status']?.token ?? inData);
  if (recorded === undefined || token === '') return;
  const [header, claims] = token.split('.', 2).map(decode);
  assertLike(header, recorded.header, 'header of the token');
  assertLike(
    stringified(claims),
    stringified(recorded.claims as Record<string, unknown>),
    'claims of the token',
  );
  if (recorded.lifetimeSeconds === undefined) return;
  const { exp = 0, iat = 0 } = (claims ?? {}) as RecordedToken['claims'];
  assert.equal(exp - iat, recorded.lifetimeSeconds);
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

/** Times as text, as their masks are. */
function stringified(claims: Record<string, unknown> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(claims ?? {}).map(([name, value]) => [
      name,
      typeof value === 'number' ? String(value) : value,
    ]),
  );
}
