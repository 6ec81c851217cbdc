import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type DecodedYaml, decodeYaml } from './decode-yaml.ts';
import { parseYaml } from './parse-yaml.ts';

const limits = {
  bytesMax: 1024 * 1024,
  valuesMax: 1_000,
  fieldsMax: 800,
  jsonBytesMax: 1024 * 1024,
};
const decode = (text: string): DecodedYaml => decodeYaml(Buffer.from(text), limits);
const many = 5_000;

suite('decodeYaml', () => {
  for (const [name, text] of Object.entries({
    'lists in lists': '['.repeat(many),
    'maps in maps': '{a: '.repeat(many),
    'lists in lists, in block style': '- '.repeat(many),
    'keys in keys': '? '.repeat(many),
  })) {
    test(`gives up ${name} at the level that is one too many`, () => {
      const decoded = decodeYaml(Buffer.from(text), { ...limits, valuesMax: 100_000 });
      assert.deepEqual(decoded, { kind: 'malformed', problem: 'exceeded max depth' });
    });
  }

  for (const [name, text] of Object.entries({
    'elements of a list': `[${'a, '.repeat(many)}]`,
    'elements in block style': '- a\n'.repeat(many),
    fields: 'a: b\n'.repeat(many),
  })) {
    test(`gives up the ${name} at the one that is too many`, () => {
      const problem = 'more than 1000 fields and elements';
      assert.deepEqual(decode(text), { kind: 'too large', problem });
    });
  }

  test('refuses a map of too many fields, and no list', () => {
    const fields = Array.from({ length: 801 }, (_, at) => `k${at}: 1\n`).join('');
    const problem = 'more than 800 fields in one object';
    assert.deepEqual(decode(fields), { kind: 'too large', problem });
    assert.equal(decode('- 1\n'.repeat(801)).kind, 'decoded');
  });

  test('gives up an element that is none, and a tag too many, at the first', () => {
    for (const text of [`[${','.repeat(many)}]`, '{ , a: 1}', '[a, # b\n , c]']) {
      const problem = 'Unexpected , in flow collection';
      assert.deepEqual(decode(text), { kind: 'malformed', problem });
    }
    const problem = 'A node can have at most one tag';
    assert.deepEqual(decode('!a '.repeat(many)), { kind: 'malformed', problem });
    const anchored = { kind: 'malformed', problem: 'A node can have at most one anchor' };
    assert.deepEqual(decode('&a '.repeat(many)), anchored);
    for (const text of [
      '&a !!map\n&b !!str a: !!str b',
      '[!!str , a]',
      "[? , ',',]",
      '[&b , *b ,]',
    ]) {
      assert.equal(decode(text).kind, 'decoded', text);
    }
  });

  test('gives up references that would be looked up in vain', () => {
    const pair = (at: number) => `&a${at} 1: *a${at}\n`;
    const text = Array.from({ length: many }, (_, at) => pair(at)).join('');
    const decoded = decodeYaml(Buffer.from(text), { ...limits, valuesMax: 100_000 });
    const anchors = decodeYaml(Buffer.from(text.replaceAll(/\*\w+/g, '1')), {
      ...limits,
      valuesMax: 100_000,
      fieldsMax: many,
    });
    assert.equal(anchors.kind, 'decoded');
    assert.deepEqual(decoded, {
      kind: 'malformed',
      problem: 'too many aliases of too many anchors',
    });
  });

  test('looks at nothing behind an error of structure', () => {
    for (const text of [']'.repeat(many), '}{'.repeat(many), '- ]\n'.repeat(500)]) {
      const { errors } = parseYaml(text, { valuesMax: 1_000, depthMax: 1_000 });
      assert.equal(errors.length, 1, text.slice(0, 4));
    }
  });

  test('counts nothing that stands in a scalar or a comment', () => {
    const inside = '[ { - , : & * '.repeat(many);
    const lines = '  [\n  -\n  , : &a *a\n'.repeat(many);
    for (const text of [`a: "${inside}"`, `a: '${inside}'`, `a: |\n${lines}`, `a: >-\n${lines}`]) {
      assert.equal(decode(text).kind, 'decoded', text.slice(0, 10));
    }
    const comments = `${`# ${inside}\n`.repeat(10)}a: b # ${inside}`;
    for (const text of [
      `--- |\n${'[\n'.repeat(many)}`,
      comments,
      `a: b${' b-b,b[b{b&b*b'.repeat(many)}`,
    ]) {
      assert.equal(decode(text).kind, 'decoded', text.slice(0, 10));
    }
  });

  test('does not take a scalar for the sign that it consists of', () => {
    // It may not be one, which is another matter.
    assert.equal(decode('- ,\n'.repeat(600)).kind, 'malformed');
  });

  test('leaves the types of YAML that Kubernetes does not know what they are without', () => {
    assert.deepEqual(decode('a: !!omap\n- b: 1\n- b: 2\nc: !!pairs [d: 1]'), {
      kind: 'decoded',
      json: '{"a":[{"b":1},{"b":2}],"c":[{"d":1}]}',
      duplicateKeys: [],
    });
  });

  test('refuses a merge of what is no map', () => {
    const problem = 'Merge sources must be maps or map aliases';
    assert.deepEqual(decode('<<: null'), { kind: 'malformed', problem });
  });

  test('reads the first of several documents, as a kube-apiserver does', () => {
    assert.deepEqual(decode('a: 1\n---\nb: 2\n'), {
      kind: 'decoded',
      json: '{"a":1}',
      duplicateKeys: [],
    });
  });

  // Said by libyaml 0.2 of the same texts, with lines as go-yaml counts them.
  for (const [text, problem] of [
    ['a: [\n', 'line 1: did not find expected node content'],
    ['{', 'line 1: did not find expected node content'],
    ['a: b: c', 'mapping values are not allowed in this context'],
    ['\tx: 1', 'found character that cannot start any token'],
    ['a: 1\n  b: 2\n', 'line 2: mapping values are not allowed in this context'],
    ['a: "x\n', 'line 2: found unexpected end of stream'],
    ['a:\n\t- b\n', 'line 2: found character that cannot start any token'],
    ['a: [1, 2\n', "line 1: did not find expected ',' or ']'"],
    ['a: @x', 'found character that cannot start any token'],
    ['x: {a: 1]\n', "did not find expected ',' or '}'"],
    ["a: 'x", 'found unexpected end of stream'],
    ['a: "\\q"', 'found unknown escape character'],
    ['a: b\n\tc: d\n', 'line 2: found a tab character that violates indentation'],
    ['a:\n  b: 1\n c: 2\n', 'line 2: did not find expected key'],
    ['- - a\n - b', "line 1: did not find expected '-' indicator"],
    ['[a', "line 1: did not find expected ',' or ']'"],
    ['{a:', 'line 1: did not find expected node content'],
    ['a: 1\nb', "line 3: could not find expected ':'"],
    ['a: 1\nb\n# c\n\nd: 1', "line 3: could not find expected ':'"],
  ] as const) {
    test(`says of ${JSON.stringify(text)} what a kube-apiserver says`, () => {
      assert.deepEqual(decode(text), { kind: 'malformed', problem });
    });
  }

  test('passes over what follows a document that ends with a bracket or a quote', () => {
    for (const text of ['{"a":1} trailing', '{"a":1}}', '{"a":1}\nb: 2']) {
      assert.deepEqual(decode(text), { kind: 'decoded', json: '{"a":1}', duplicateKeys: [] }, text);
    }
    assert.equal(decode('{"a":1}: x').kind, 'decoded');
    assert.equal(decode('- a\nb: 1').kind, 'malformed');
    assert.equal(decode('{"a":1').kind, 'malformed');
  });
});
