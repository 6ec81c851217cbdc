/** What every authenticator and authorizer must do, as test suites. Each implementation runs them. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HttpRequest } from '@fairway/protocol';
import type {
  Authentication,
  Authenticator,
  TokenAuthenticator,
} from './authentication/authenticator.ts';
import type { AccessAttributes, Authorizer } from './authorization/authorizer.ts';

export interface AuthenticatorFixture {
  readonly authenticator: Authenticator;
  /** Proves somebody. */
  readonly good: Partial<HttpRequest>;
  /** Each holds a credential of this sort that is bad. */
  readonly bad: readonly Partial<HttpRequest>[];
}

/** Runs the suite against what `open` makes, anew for each test. */
export function describeAuthenticator(
  name: string,
  open: () => AuthenticatorFixture | Promise<AuthenticatorFixture>,
): void {
  describe(name, () => {
    test('proves who shows a good credential, each time', async () => {
      const { authenticator, good } = await open();
      const first = await authenticator(requestWith(good));
      checkProof(first);
      deepEqual(await authenticator(requestWith(good)), first);
    });

    test('says what is wrong with a bad credential', async () => {
      const { authenticator, bad } = await open();
      for (const each of bad) {
        const outcome = await authenticator(requestWith(each));
        equal(outcome.kind, 'rejected');
        ok(outcome.kind === 'rejected' && outcome.why !== '');
      }
    });

    test('leaves a request without its credential to others', async () => {
      const { authenticator } = await open();
      equal((await authenticator(requestWith({}))).kind, 'unrecognised');
      const basic = { headers: { authorization: 'Basic YTpi' } };
      equal((await authenticator(requestWith(basic))).kind, 'unrecognised');
    });
  });
}

export interface TokenAuthenticatorFixture {
  readonly authenticator: TokenAuthenticator;
  readonly goodToken: string;
  /** Of the server that asks; the good token is meant for it. */
  readonly audience: string;
}

/** Runs the suite against what `open` makes, anew for each test. */
export function describeTokenAuthenticator(
  name: string,
  open: () => TokenAuthenticatorFixture | Promise<TokenAuthenticatorFixture>,
): void {
  describe(name, () => {
    test('proves who shows a good token, for the audience that it names', async () => {
      const { authenticator, goodToken, audience } = await open();
      checkProof(await authenticator(goodToken, []));
      const outcome = await authenticator(goodToken, ['elsewhere', audience]);
      checkProof(outcome);
      const { audiences } = outcome.kind === 'authenticated' ? outcome : {};
      if (audiences !== undefined) deepEqual(audiences, [audience]);
    });

    test('proves nobody by a token that is only nearly good', async () => {
      const { authenticator, goodToken } = await open();
      for (const token of nearly(goodToken)) {
        notEqual((await authenticator(token, [])).kind, 'authenticated', JSON.stringify(token));
      }
      checkProof(await authenticator(goodToken, []));
    });

    test('proves nobody by noise, and does not fail over it', async () => {
      const { authenticator } = await open();
      for (const token of noise) {
        notEqual((await authenticator(token, [])).kind, 'authenticated', JSON.stringify(token));
      }
    });
  });
}

export interface AuthorizerFixture {
  readonly authorizer: Authorizer;
  readonly allowed: AccessAttributes;
  /** Denied, or without an opinion. */
  readonly refused: AccessAttributes;
}

/** Runs the suite against what `open` makes, anew for each test. */
export function describeAuthorizer(
  name: string,
  open: () => AuthorizerFixture | Promise<AuthorizerFixture>,
): void {
  describe(name, () => {
    test('decides the same question the same way', async () => {
      const { authorizer, allowed, refused } = await open();
      for (let round = 0; round < 3; round++) {
        equal((await authorizer(allowed)).kind, 'allow');
        notEqual((await authorizer(refused)).kind, 'allow');
      }
    });

    test('allows nobody for an odd name', async () => {
      const { authorizer, allowed } = await open();
      for (const username of oddNames) {
        const user = { username, groups: [] };
        notEqual((await authorizer({ ...allowed, user })).kind, 'allow', JSON.stringify(username));
        const member = { username: 'odd', groups: [username].filter((each) => !isReal(each)) };
        notEqual((await authorizer({ ...allowed, user: member })).kind, 'allow');
      }
    });
  });
}

const oddNames = [
  '',
  '*',
  '__proto__',
  'constructor',
  'a\n',
  '\u0000',
  'system:masters',
  'g*',
  'u*',
];

/** A group that an authorizer may well allow something. */
function isReal(group: string): boolean {
  return group === 'system:masters';
}

const noise = ['', ' ', '.', '..', 'a.b.c', '\u0000', '\n', 'é'.repeat(100), 'x'.repeat(50_000)];

function nearly(token: string): readonly string[] {
  const middle = Math.floor(token.length / 2);
  const other = token[middle] === 'x' ? 'y' : 'x';
  return [
    token.slice(0, -1),
    token.slice(1),
    `${token}x`,
    `${token}\u0000`,
    `${token}\n`,
    ` ${token}`,
    token.slice(0, middle) + other + token.slice(middle + 1),
  ];
}

function checkProof(outcome: Authentication): void {
  equal(outcome.kind, 'authenticated');
  if (outcome.kind === 'authenticated') notEqual(outcome.user.username, '');
}

function requestWith(parts: Partial<HttpRequest>): HttpRequest {
  const signal = new AbortController().signal;
  return { method: 'GET', path: '/', query: '', headers: {}, body: undefined, signal, ...parts };
}
