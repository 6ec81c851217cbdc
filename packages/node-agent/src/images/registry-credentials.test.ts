import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Secret } from '@fairway/kinds/core/v1';
import { parseImageReference } from '../oci/image-reference.ts';
import { matchesWildcards } from './match-wildcards.ts';
import { registryCredentials } from './registry-credentials.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** One account a registry, named as the registry. */
function pullSecret(...registries: readonly string[]): Secret {
  const accounts = registries.map((each) => [each, { username: each, password: 'p' }]);
  return secretOf({ auths: Object.fromEntries(accounts) });
}

function secretOf(config: unknown): Secret {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  return { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64(text) } };
}

const usersOf = (secrets: readonly Secret[], image: string): readonly string[] =>
  registryCredentials(secrets, parseImageReference(image)).map(({ username }) => username);

describe('registryCredentials()', () => {
  for (const [registry, image, isFor] of [
    ['ghcr.io', 'ghcr.io/team/app', true],
    ['https://ghcr.io', 'ghcr.io/team/app', true],
    ['https://ghcr.io/v2/', 'ghcr.io/team/app', true],
    ['ghcr.io/team', 'ghcr.io/team/app', true],
    ['ghcr.io/other', 'ghcr.io/team/app', false],
    ['ghcr.io:443', 'ghcr.io/team/app', false],
    ['*.example.com', 'r1.example.com/app', true],
    ['r?.example.com', 'r1.example.com/app', true],
    ['*.example.com', 'example.com/app', false],
    ['*.example.com', 'a.b.example.com/app', false],
    ['localhost:5000', 'localhost:5000/app', true],
    ['https://index.docker.io/v1/', 'busybox', true],
    ['docker.io', 'busybox', true],
    ['docker.io/library', 'docker.io/team/app', false],
    ['https://index.docker.io/v1/', 'ghcr.io/busybox', false],
  ] as const) {
    test(`${registry} is ${isFor ? '' : 'not '}for ${image}`, () => {
      assert.deepEqual(usersOf([pullSecret(registry)], image), isFor ? [registry] : []);
    });
  }

  test('the closest comes first', () => {
    const secrets = [pullSecret('ghcr.io', 'ghcr.io/team/app'), pullSecret('ghcr.io/team')];
    const names = ['ghcr.io/team/app', 'ghcr.io/team', 'ghcr.io'];
    assert.deepEqual(usersOf(secrets, 'ghcr.io/team/app:v1'), names);
  });

  test('auth is both in one; the old form has no auths around it', () => {
    const auth = base64('user:pass:word\0\0');
    const old: Secret = {
      type: 'kubernetes.io/dockercfg',
      data: { '.dockercfg': base64(JSON.stringify({ 'ghcr.io': { auth, username: 'other' } })) },
    };
    const [found] = registryCredentials([old], parseImageReference('ghcr.io/app'));
    assert.deepEqual([found?.username, found?.password.reveal()], ['user', 'pass:word']);
  });

  test('what nobody can read counts for nothing', () => {
    const secrets = [
      secretOf('{'),
      secretOf({ auths: 7 }),
      secretOf({
        auths: { 'ghcr.io': null, '': { username: 'u' }, 'ghcr.io/app': { auth: 'AA==' } },
      }),
      secretOf({ auths: { 'ghcr.io': { username: 7, password: 'p' } } }),
      {
        type: 'Opaque',
        data: { '.dockerconfigjson': base64('{"auths":{"ghcr.io":{"auth":"YTpi"}}}') },
      },
      { type: 'kubernetes.io/dockerconfigjson' },
    ];
    assert.deepEqual(usersOf(secrets, 'ghcr.io/app'), []);
  });
});

test('a pattern of many stars takes no time', () => {
  assert.equal(matchesWildcards('a'.repeat(255), `${'*a'.repeat(100)}b`), false);
  assert.equal(matchesWildcards('abc', 'a*c*'), true);
});
