import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  AuthenticationConfigurationError,
  readAuthenticationConfiguration,
} from './authentication-configuration.ts';

const head = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' };
const issuer = { url: 'https://issuer.example', audiences: ['a'] };
const claimMappings = { username: { claim: 'sub', prefix: '' } };
const jwt = { issuer, claimMappings };

function read(value: unknown) {
  return readAuthenticationConfiguration(value, ['https://kubernetes.default.svc']);
}

suite('readAuthenticationConfiguration()', () => {
  test('reads issuers and who may be anonymous', () => {
    const { issuers, anonymous } = read({
      ...head,
      jwt: [jwt],
      anonymous: { enabled: true, conditions: [{ path: '/livez' }] },
    });
    equal(issuers[0]?.url, issuer.url);
    deepEqual(anonymous, { kind: 'paths', paths: new Set(['/livez']) });
    deepEqual(read({ ...head, anonymous: { enabled: true } }).anonymous, { kind: 'everywhere' });
    deepEqual(read({ ...head, anonymous: {} }).anonymous, { kind: 'nowhere' });
    deepEqual(read(head), { issuers: [] });
  });

  const mapped = (more: object): object => ({
    jwt: [{ ...jwt, claimMappings: { ...claimMappings, ...more } }],
  });
  const issued = (more: object): object => ({ jwt: [{ ...jwt, issuer: { ...issuer, ...more } }] });
  for (const [value, problem] of [
    [{ apiVersion: 'v1' }, 'apiVersion: Unsupported value: "v1": supported values:'],
    [{ kind: 'Pod' }, 'kind: Unsupported value: "Pod"'],
    [{ jwts: [] }, 'jwts: Invalid value: there is no such field'],
    [{ jwt: {} }, 'jwt: Invalid value: {}: must be a list'],
    [{ jwt: [jwt, jwt] }, 'jwt[1].issuer.url: Duplicate value: "https://issuer.example"'],
    [
      { jwt: Array.from({ length: 65 }, () => jwt) },
      'jwt: Too many: 65: must have at most 64 items',
    ],
    [{ jwt: [{ claimMappings }] }, 'jwt[0].issuer: Required value'],
    [{ jwt: [{ issuer }] }, 'jwt[0].claimMappings: Required value'],
    [
      issued({ url: 'http://a' }),
      'jwt[0].issuer.url: Invalid value: "http://a": URL scheme must be https',
    ],
    [
      issued({ url: 'https://u:p@a' }),
      'jwt[0].issuer.url: Invalid value: "<omitted>": URL must not contain a username',
    ],
    [
      issued({ url: 'https://kubernetes.default.svc' }),
      'service accounts of this cluster have this issuer',
    ],
    [
      issued({ discoveryURL: 'https://issuer.example/' }),
      'discoveryURL must be different from URL',
    ],
    [
      issued({ certificateAuthority: 'x' }),
      'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": it holds no certificate',
    ],
    [issued({ audiences: [] }), 'jwt[0].issuer.audiences: Required value'],
    [
      issued({ audiences: ['a', 'b'] }),
      'audienceMatchPolicy must be MatchAny for multiple audiences',
    ],
    [
      issued({ egressSelectorType: 'cluster' }),
      'jwt[0].issuer.egressSelectorType: Invalid value: there is no such field',
    ],
    [
      mapped({ username: { claim: 'sub' } }),
      'jwt[0].claimMappings.username.prefix: Required value: prefix is required',
    ],
    [
      mapped({ username: {} }),
      'jwt[0].claimMappings.username.claim: Required value: claim or expression is required',
    ],
    [
      mapped({ username: { claim: 'a', prefix: '', expression: 'b' } }),
      "claim and expression can't both be set",
    ],
    [
      mapped({ username: { expression: 'claims.' } }),
      'jwt[0].claimMappings.username.expression: Invalid value: "claims.": compilation failed',
    ],
    [mapped({ username: { expression: 'claims.email' } }), 'claims.email_verified must be used in'],
    [
      mapped({ extra: [{ key: 'a', valueExpression: 'claims.a' }] }),
      'must be a domain-prefixed path',
    ],
    [
      mapped({ extra: [{ key: 'x.k8s.io/a', valueExpression: 'claims.a' }] }),
      'reserved for Kubernetes use',
    ],
    [
      { jwt: [{ ...jwt, claimValidationRules: [{}] }] },
      'jwt[0].claimValidationRules[0].claim: Required value',
    ],
    [
      { jwt: [{ ...jwt, claimValidationRules: [{ expression: '1' }] }] },
      'must evaluate to bool but got int',
    ],
    [
      { jwt: [{ ...jwt, userValidationRules: [{ expression: 'claims.a == 1' }] }] },
      "undeclared reference to 'claims'",
    ],
    [
      { anonymous: { enabled: false, conditions: [{ path: '/' }] } },
      'enabled should be set to true when conditions are defined',
    ],
    [
      { anonymous: { enabled: 'yes' } },
      'anonymous.enabled: Invalid value: "yes": must be a boolean',
    ],
  ] as const) {
    test(`refuses ${JSON.stringify(value).slice(0, 60)}: ${problem.slice(0, 60)}`, () => {
      throws(
        () => read({ ...head, ...value }),
        (error: Error) => {
          equal(error instanceof AuthenticationConfigurationError, true);
          match(error.message, new RegExp(problem.replaceAll(/[[\].*+?^${}()|\\]/g, '\\$&')));
          return true;
        },
      );
    });
  }
});
