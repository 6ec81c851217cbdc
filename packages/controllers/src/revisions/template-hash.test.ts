import assert from 'node:assert/strict';
import { test } from 'node:test';
import { templateHash } from './template-hash.ts';

test('a template has one hash, whatever the order of its fields', () => {
  const template = { metadata: { labels: { app: 'web', tier: 'ü' } }, spec: { containers: [] } };
  const other = {
    spec: { containers: [], hostname: undefined },
    metadata: { labels: { tier: 'ü', app: 'web' } },
  };
  assert.equal(templateHash(template), templateHash(other));
  // Names that were given must stay: another hash would be a rollout of everything.
  assert.equal(templateHash(template), '77bb7b874b');
});

test('other templates, and another count of collisions, have other hashes', () => {
  const hashes = Array.from({ length: 200 }, (_, each) => [
    templateHash({ image: `web:${each}` }),
    templateHash({ image: 'web' }, each),
    templateHash({ order: [each, 'a'] }),
    templateHash({ order: ['a', each] }),
  ]).flat();
  assert.equal(new Set(hashes).size, hashes.length);
  for (const hash of hashes) assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
  assert.notEqual(templateHash({ count: 1 }), templateHash({ count: '1' }));
  assert.notEqual(
    templateHash({ count: 9007199254740993n }),
    templateHash({ count: 9007199254740992n }),
  );
});
