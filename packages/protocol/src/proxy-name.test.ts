import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProxyName, parseProxyName } from './proxy-name.ts';

for (const [text, scheme, name, port, written = text] of [
  ['web', '', 'web', ''],
  ['web:80', '', 'web', '80'],
  ['web:http', '', 'web', 'http'],
  ['web:', '', 'web', '', 'web'],
  [':web:http', '', 'web', 'http', 'web:http'],
  ['http:web:80', 'http', 'web', '80'],
  ['https:web:', 'https', 'web', ''],
  ['https:web', '', 'https', 'web'],
] as const) {
  test(`parseProxyName() reads ${text}, and formatProxyName() writes it`, () => {
    const read = parseProxyName(text);
    assert.deepEqual(read, { scheme, name, port });
    assert.equal(formatProxyName(read ?? assert.fail()), written);
  });
}

test('parseProxyName() refuses what names nothing', () => {
  for (const text of ['', ':', ':80', '::', 'http::80', 'ftp:web:80', 'HTTP:web:80', 'a:b:c:d']) {
    assert.equal(parseProxyName(text), undefined, text);
  }
});
