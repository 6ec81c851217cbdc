import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AnswerReader, headBytesMax } from './answer-reader.ts';

interface Read {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** What came behind the end; absent: there was none. */
  readonly rest?: string;
  readonly isKept?: boolean;
  readonly error?: string;
}

/** Reads an answer that comes in pieces, and ends with its connection. */
function read(pieces: readonly string[], method = 'GET'): Read {
  const seen: { -readonly [Key in keyof Read]: Read[Key] } = { body: '' };
  const reader = new AnswerReader(method, {
    onHead: ({ status, headers, isKept }) => Object.assign(seen, { status, headers, isKept }),
    onData: (data) => void (seen.body += data.toString('latin1')),
    onEnd: (rest) => void (seen.rest = rest.toString('latin1')),
  });
  try {
    for (const piece of pieces) {
      if (seen.rest === undefined) reader.push(Buffer.from(piece, 'latin1'));
      else seen.rest += piece;
    }
    if (seen.rest === undefined) reader.end();
  } catch (error) {
    seen.error = (error as Error).message;
  }
  return { ...seen, ...(seen.headers && { headers: { ...seen.headers } }) };
}

const ok = 'HTTP/1.1 200 OK\r\n';

const answers: Readonly<Record<string, readonly [string, Partial<Read>, string?]>> = {
  'a length': [
    `${ok}Content-Length: 3\r\n\r\nabc`,
    { status: 200, body: 'abc', rest: '', isKept: true },
  ],
  'a length of nothing': [`${ok}content-length:0\r\n\r\n`, { body: '', rest: '' }],
  chunks: [
    `${ok}Transfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n`,
    { body: 'abc0123456789', rest: '', isKept: true },
  ],
  'the end of the connection': [`${ok}\r\nabc`, { body: 'abc', rest: '', isKept: false }],
  'HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', { body: 'a', isKept: false }],
  'HTTP/1.0, kept': [
    'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na',
    { body: 'a', isKept: true },
  ],
  'a last one': [`${ok}Connection: x, Close\r\nContent-Length: 0\r\n\r\n`, { isKept: false }],
  'interim answers': [
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n${ok}Content-Length: 1\r\n\r\na`,
    { status: 200, headers: { 'content-length': '1' }, body: 'a' },
  ],
  'no phrase': ['HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { status: 200, rest: '' }],
  'HEAD with a length': [`${ok}Content-Length: 9\r\n\r\n`, { body: '', rest: '' }, 'HEAD'],
  'HEAD with chunks': [`${ok}Transfer-Encoding: chunked\r\n\r\n`, { body: '', rest: '' }, 'HEAD'],
  '204 that says it has a body': [
    'HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc',
    { status: 204, body: '', rest: 'abc' },
  ],
  '304': ['HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n', { status: 304, rest: '' }],
  'another protocol': [
    'HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n\x00\x01',
    { status: 101, rest: '\x00\x01' },
  ],
  'bytes behind the end': [`${ok}Content-Length: 1\r\n\r\na${ok}`, { body: 'a', rest: ok }],
  'repeated headers': [
    `${ok}Set-Cookie: a\r\nWarning: 1\r\nset-cookie: b\r\nContent-Length: 0\r\n\r\n`,
    { headers: { 'set-cookie': ['a', 'b'], warning: '1', 'content-length': '0' } },
  ],
  'names of properties': [
    `${ok}__proto__: a\r\nconstructor: b\r\nContent-Length: 0\r\n\r\n`,
    { headers: { ['__proto__']: 'a', constructor: 'b', 'content-length': '0' } },
  ],
  'bytes beyond ASCII': [
    `${ok}X: \t caf\xc3\xa9\xa0 \r\nContent-Length: 0\r\n\r\n`,
    { headers: { x: 'caf\xc3\xa9\xa0', 'content-length': '0' } },
  ],
};

for (const [name, [text, wanted, method]] of Object.entries(answers)) {
  test(`AnswerReader reads ${name}, however it is cut into pieces`, () => {
    const whole = read([text], method);
    assert.deepEqual({ ...whole, ...wanted }, whole);
    assert.equal(whole.error, undefined);
    assert.deepEqual(read([...text], method), whole);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const at = [0, ...cuts.toSorted((one, other) => one - other), text.length];
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        assert.deepEqual(
          read(
            pieces.filter((piece) => piece !== ''),
            method,
          ),
          whole,
        );
      }),
    );
  });
}

for (const [name, text] of Object.entries({
  garbage: 'SSH-2.0-x\r\n',
  'another version': 'HTTP/2.0 200 OK\r\n\r\n',
  'no status': 'HTTP/1.1 OK\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\n\r\n',
  'two lengths': `${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`,
  'the same length twice': `${ok}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`,
  'a list of lengths': `${ok}Content-Length: 3, 3\r\n\r\nabc`,
  'a signed length': `${ok}Content-Length: +3\r\n\r\nabc`,
  'a hexadecimal length': `${ok}Content-Length: 0x3\r\n\r\nabc`,
  'an enormous length': `${ok}Content-Length: 9999999999999999\r\n\r\nabc`,
  'a length and chunks': `${ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'another coding': `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`,
  'chunked twice': `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a folded line': `${ok}X: a\r\n b\r\n\r\n`,
  'a blank before the colon': `${ok}Content-Length : 3\r\n\r\nabc`,
  'no colon': `${ok}Content-Length\r\n\r\n`,
  'no name': `${ok}: a\r\n\r\n`,
  'a lone line feed': `${ok}X: a\nContent-Length: 3\r\n\r\nabc`,
  'a lone carriage return': `${ok}X: a\rContent-Length: 3\r\n\r\nabc`,
  'a null': `${ok}X: \0\r\n\r\n`,
  'a head without an end': ok + 'X: a\r\n'.repeat(20_000),
  'one header of 1 MB': `${ok}X: ${'a'.repeat(1024 * 1024)}`,
  'too many interim answers': `${'HTTP/1.1 102 Wait\r\n\r\n'.repeat(21)}${ok}Content-Length: 0\r\n\r\n`,
  'interim answers without an end': 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000),
  'interim answers that are large':
    `HTTP/1.1 103 Early\r\nLink: ${'a'.repeat(30_000)}\r\n\r\n`.repeat(3),
  'a chunk without a size': `${ok}Transfer-Encoding: chunked\r\n\r\n\r\nabc`,
  'a chunk of a negative size': `${ok}Transfer-Encoding: chunked\r\n\r\n-1\r\nabc`,
  'a chunk of an enormous size': `${ok}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(17)}\r\nabc`,
  'a chunk longer than it says': `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n`,
  'a chunk that ends in a line feed': `${ok}Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n`,
  'a chunk of 1 MB of extensions': `${ok}Transfer-Encoding: chunked\r\n\r\n3;${'a'.repeat(1024 * 1024)}`,
  'a trailer that is none': `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\na b\r\n\r\n`,
  'a trailer without an end': `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X: a\r\n'.repeat(10_000)}`,
})) {
  test(`AnswerReader refuses ${name}, however it is cut into pieces`, () => {
    const whole = read([text]);
    assert.notEqual(whole.error, undefined);
    const pieces = text.match(/[^]{1,1000}/g) ?? [];
    assert.equal(read(pieces).error, whole.error);
  });
}

test('AnswerReader gives up a head as soon as it is too long', () => {
  const reader = new AnswerReader('GET', { onHead() {}, onData() {}, onEnd() {} });
  reader.push(Buffer.from(ok));
  reader.push(Buffer.alloc(headBytesMax - ok.length, 'a'));
  assert.throws(() => reader.push(Buffer.from('a')), /longer than 65536 bytes/);
});
