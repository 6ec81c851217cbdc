import assert from 'node:assert/strict';
import test from 'node:test';
import { formatCheck, isKnownFormat } from './value-formats.ts';

const values: Readonly<Record<string, { readonly good: string[]; readonly bad: string[] }>> = {
  bsonobjectid: { good: ['507f1f77bcf86cd799439011'], bad: ['', '507f1f77bcf86cd79943901'] },
  byte: { good: ['aGk=', 'aGlo', 'YQ=='], bad: ['', 'a', 'aGk', '=aGk', 'aG!=', 'aGk=\n', 'aG-_'] },
  cidr: { good: ['10.0.0.0/8', '::/0'], bad: ['10.0.0.0', '10.0.0.0/33'] },
  creditcard: { good: ['4111 1111-1111 1111'], bad: ['4111111111111112', '4', ''] },
  date: { good: ['2024-02-29'], bad: ['2023-02-29', '2020-1-2', '2024-02-29T'] },
  'date-time': {
    good: ['2024-01-02T03:04:05Z', '2024-01-02t03:04:05.5+01:00'],
    bad: ['2024-01-02 03:04:05Z', '2024-01-02T03:04:60Z', '2024-02-30T00:00:00Z', '2024-01-02'],
  },
  datetime: { good: ['2024-01-02T03:04:05Z'], bad: ['2024-01-02T03:04:05'] },
  duration: {
    good: ['0', '1h30m', '1.5s', '.5s', '1.s', '-2ms', '3 days', '2weeks', '1h 30m', '5 Seconds'],
    bad: ['', '1', '.s', 'days', '3 moons'],
  },
  email: {
    good: ['a@b.example', 'Ann Example <a@b.example>', '"a b"@c', 'a@[127.0.0.1]'],
    bad: ['', 'x', '@b', 'a@', 'a b@c', 'a..b@c', 'a@b, c@d', '<a@b', 'a@b\n@c'],
  },
  hexcolor: { good: ['#fff', 'ABCDEF'], bad: ['#ff', '#ggg'] },
  hostname: {
    good: ['a', 'host.example', '1.example', 'a-b', 'a-b-c.example', '☃.example'],
    bad: ['', '-a', 'a_b', '1.2.3.4', 'a.b', 'a-b-c', `${'a'.repeat(64)}.example`],
  },
  ipv4: { good: ['1.2.3.4', '::ffff:1.2.3.4'], bad: ['1.2.3', '::1', '01.2.3.4', '1.2.3.4/8'] },
  ipv6: { good: ['::1', '::ffff:1.2.3.4'], bad: ['1.2.3.4', 'fe80::1%eth0', ':'] },
  isbn: { good: ['0-306-40615-2', '978-0-306-40615-7', '080442957X'], bad: ['1', '0306406153'] },
  isbn10: { good: ['0306406152'], bad: ['9780306406157'] },
  isbn13: { good: ['9780306406157'], bad: ['0306406152', '9780306406158'] },
  'k8s-long-name': { good: ['a.b', '1'], bad: ['A', '..', ''] },
  'k8s-short-name': { good: ['a-b'], bad: ['A', '-', 'x.y', ''] },
  mac: {
    good: ['00:00:5e:00:53:01', '02-00-5e-10-00-00-00-01', '0000.5e00.5301'],
    bad: ['x', '00:00:5e:00:53', '00:00-5e:00:53:01'],
  },
  rgbcolor: { good: ['rgb(0, 12 ,255)'], bad: ['rgb(256,0,0)', 'rgb(00,0,0)', 'rgb(1,2)'] },
  ssn: { good: ['123-45-6789'], bad: ['123456789', '123-45-678'] },
  uri: {
    good: ['http://a/b', '/a', '*', 'mailto:x', 'http://[::1]:80/?q=a b', 'http://u:p@h/a b'],
    bad: ['', 'a b', 'a', '#a', 'http://a b/', 'http://a:x/', '/%zz', 'http://a/\n'],
  },
  uuid: {
    good: ['123E4567-e89b-12d3-a456-426614174000', '123e4567e89b12d3a456426614174000'],
    bad: ['x23e4567-e89b-12d3-a456-426614174000'],
  },
  uuid3: {
    good: ['123e4567-e89b-32d3-c456-426614174000'],
    bad: ['123e4567-e89b-12d3-a456-426614174000'],
  },
  uuid4: {
    good: ['123e4567-e89b-42d3-a456-426614174000'],
    bad: ['123e4567-e89b-42d3-c456-426614174000'],
  },
  uuid5: {
    good: ['123e4567-e89b-52d3-8456-426614174000'],
    bad: ['123e4567-e89b-52d3-7456-426614174000'],
  },
};

test('strings have the formats that Kubernetes says, and no others', () => {
  for (const [format, { good, bad }] of Object.entries(values)) {
    assert.ok(isKnownFormat(format, 'string'), format);
    const check = formatCheck(format);
    for (const value of good) assert.equal(check?.(value), true, `${format} ${value}`);
    for (const value of bad) assert.equal(check?.(value), false, `${format} ${value}`);
  }
});

test('a format is known for its type only', () => {
  assert.ok(isKnownFormat('int32', 'integer'));
  assert.ok(isKnownFormat('double', 'number'));
  assert.ok(isKnownFormat('password', undefined));
  assert.ok(!isKnownFormat('int32', 'string'));
  assert.ok(!isKnownFormat('uint32', 'integer'));
  assert.ok(!isKnownFormat('date', 'integer'));
  assert.ok(!isKnownFormat('date', 'object'));
});

// Each of these takes hours when an expression tries all ways to split the text.
test('formats are refused to a long text at once', () => {
  const length = 1_000_000;
  const texts = ['1', '.1', '\n', '\r\n', 'a', 'a.', 'a-', '0:', '@', '=', ' ', '-', '<', '"'];
  for (const format of Object.keys(values)) {
    for (const text of texts) {
      const long = `1${text.repeat(length / text.length)}!\u0000`;
      assert.equal(formatCheck(format)?.(long), false, `${format} ${text}`);
    }
  }
});
