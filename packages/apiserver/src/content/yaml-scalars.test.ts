import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { decodeYaml } from './decode-yaml.ts';
import { formatYaml } from './encode-value.ts';

const limits = { bytesMax: 1_000, valuesMax: 100, fieldsMax: 100, jsonBytesMax: 1_000 };

function decode(text: string): unknown {
  const decoded = decodeYaml(Buffer.from(text), limits);
  return decoded.kind === 'decoded' ? JSON.parse(decoded.json) : decoded;
}

test('what begins without a digit is text, as in Kubernetes', () => {
  deepEqual(decode('.: e5\nb: .5\nc: 1e3\nd: 2020-01-01\ne: -.5\nf: !!binary YeKChA=='), {
    '.': 'e5',
    b: 0.5,
    c: 1_000,
    d: '2020-01-01',
    e: -0.5,
    f: 'a₄',
  });
});

test('what JSON cannot say is refused, and not left out', () => {
  for (const [text, name] of [
    ['.inf', '+Inf'],
    ['-.inf', '-Inf'],
    ['.nan', 'NaN'],
  ] as const) {
    const problem = `json: unsupported value: ${name}`;
    deepEqual(decode(`a: [${text}]`), { kind: 'malformed', problem });
  }
  const { problem } = decode('a: !!binary Y') as { problem: string };
  match(problem, /invalid base64/);
});

test('managed fields are written without quotes', () => {
  equal(formatYaml({ 'f:data': { '.': {} } }), 'f:data:\n  .: {}\n');
});
