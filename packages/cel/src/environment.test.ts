import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { Environment } from './environment.ts';
import { kubernetesEnvironment } from './kubernetes.ts';
import { KeptPatterns } from './libraries/kept-patterns.ts';
import { standardLibrary } from './libraries/standard.ts';
import { dynType, intType, listType, mapType, stringType } from './type.ts';
import { Failure, type Result, type Value } from './values/value.ts';
import { CostExceeded } from './values/work.ts';

const environment = kubernetesEnvironment().withVariables({
  d: dynType,
  n: intType,
  s: stringType,
  l: listType(intType),
  m: mapType(stringType, intType),
});

function evaluate(text: string, variables: Record<string, Value> = {}): Result {
  const compiled = environment.compile(text);
  if (compiled.kind === 'refused') throw new Error(compiled.problem);
  return compiled.program.evaluate(variables).result;
}

function problemOf(text: string, within: Environment = environment): string {
  const compiled = within.compile(text);
  assert.equal(compiled.kind, 'refused', text);
  return compiled.kind === 'refused' ? compiled.problem : '';
}

suite('what is wrong with an expression is told as cel-go tells it', () => {
  const primary =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
  const cases: readonly (readonly [text: string, line: string])[] = [
    ['x > 1', "1:1: undeclared reference to 'x' (in container '')"],
    ["n + 'a'", "1:3: found no matching overload for '_+_' applied to '(int, string)'"],
    ['n.size()', "1:7: found no matching overload for 'size' applied to 'int.()'"],
    ['n.field', "1:2: type 'int' does not support field selection"],
    ['n > 0 || s', "1:10: expected type 'bool' but found 'string'"],
    [
      'n.all(x, x > 0)',
      "1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ['has(n)', '1:5: invalid argument to has() macro'],
    ['l.all(1, true)', '1:7: argument must be a simple name'],
    ["['a', 1]", "1:7: expected type 'string' but found 'int'"],
    ["duration('1')", '1:10: invalid duration argument'],
    ["s.matches('(')", '1:11: invalid matches argument'],
    ['n +', `1:4: Syntax error: mismatched input '<EOF>' expecting ${primary}`],
    ['n > > 1', `1:5: Syntax error: extraneous input '>' expecting ${primary}`],
    ['(n', "1:3: Syntax error: missing ')' at '<EOF>'"],
    ['n n', "1:3: Syntax error: extraneous input 'n' expecting <EOF>"],
    ['n #', "1:3: Syntax error: token recognition error at: '#'"],
    ['9223372036854775808', '1:1: invalid int literal'],
  ];
  for (const [text, line] of cases) {
    test(text, () => {
      const [, column = '1'] = /^1:(\d+)/.exec(line) ?? [];
      const sign = `${'.'.repeat(Number(column) - 1)}^`;
      assert.equal(problemOf(text), `ERROR: <input>:${line}\n | ${text}\n | ${sign}`);
    });
  }

  test('in a later line, and where signs are wide', () => {
    const problem = problemOf("n > 1 &&\n'世界' == x");
    assert.equal(
      problem,
      "ERROR: <input>:2:9: undeclared reference to 'x' (in container '')\n | '世界' == x\n | .．．.....^",
    );
  });
});

suite('ints have 64 bits', () => {
  const cases: readonly (readonly [text: string, value: Value | string])[] = [
    ['9007199254740991 + 1', 9007199254740992n],
    ['9007199254740993 - 2', 9007199254740991],
    ['9223372036854775807 + 1', 'integer overflow'],
    ['-9223372036854775808 - 1', 'integer overflow'],
    ['-(-9223372036854775808)', 'integer overflow'],
    ['3037000500 * 3037000500', 'integer overflow'],
    ['9223372036854775807 / 2', 4611686018427387903n],
    ['7 / -2', -3],
    ['-7 % 2', -1],
    ['1 / 0', 'division by zero'],
    ['int(9.9)', 9],
  ];
  for (const [text, value] of cases) {
    test(text, () => {
      const result = evaluate(text);
      assert.deepEqual(result instanceof Failure ? result.message : result, value);
    });
  }

  test('a number of the wire is an int without a fraction, and a double with one', () => {
    assert.equal(evaluate('type(d) == int', { d: 3 }), true);
    assert.equal(evaluate('type(d) == double', { d: 3.5 }), true);
    assert.equal(evaluate('d == 1e300', { d: 1e300 }), true);
    assert.equal(evaluate('type(1.0) == double && 1.0 == d', { d: 1 }), true);
  });
});

suite('a failure is made up for where CEL says so, and nowhere else', () => {
  const cases: readonly (readonly [text: string, value: Value | string])[] = [
    ['m.x > 0 || true', true],
    ['true || m.x > 0', true],
    ['m.x > 0 && false', false],
    ['m.x > 0 || false', 'no such key: x'],
    ['l.exists(e, 1 / e > 0)', true],
    ['l.all(e, 1 / e > 0)', 'division by zero'],
    ['l.map(e, 1 / e).size() > 0', 'division by zero'],
    ['l[7] == 0', 'index out of bounds: 7'],
    ['true ? 1 : m.x', 1],
  ];
  for (const [text, value] of cases) {
    test(text, () => {
      const result = evaluate(text, { m: {}, l: [0, 1] });
      assert.deepEqual(result instanceof Failure ? result.message : result, value);
    });
  }

  test('names of objects are no keys of theirs', () => {
    for (const name of ['constructor', '__proto__', 'hasOwnProperty']) {
      assert.equal(evaluate(`'${name}' in m`, { m: {} }), false, name);
      assert.equal(evaluate(`has(d.${name})`, { d: {} }), false, name);
    }
  });
});

suite('work is bounded', () => {
  test('by what one evaluation may cost, which nothing makes up for', () => {
    const compiled = environment.compile('l.all(x, l.all(y, x + y >= 0)) || true');
    assert.ok(compiled.kind === 'compiled');
    const l = Array.from({ length: 1_000 }, (_, index) => index);
    assert.throws(() => compiled.program.evaluate({ l }), CostExceeded);
    const few = compiled.program.evaluate({ l: [1, 2] });
    assert.equal(few.result, true);
    assert.ok(few.cost > 10 && few.cost < 60, String(few.cost));
  });

  test('a function that makes much of little is paid for before it runs', () => {
    const compiled = environment.compile('lists.range(9000000).size() > 0');
    assert.ok(compiled.kind === 'compiled');
    assert.throws(() => compiled.program.evaluate({}), CostExceeded);
  });

  test('by what macros and types make of a small expression', () => {
    const doubled = `optional.of(1)${'.optMap(x, x)'.repeat(30)}.hasValue()`;
    assert.match(problemOf(doubled), /more than 20000 nodes/);
    let nested = 'true';
    for (let at = 40; at > 0; at--) nested = `[{a${at - 1}: a${at - 1}}].all(a${at}, ${nested})`;
    assert.match(problemOf(`[1].all(a0, ${nested})`), /the types of the expression are too large/);
  });

  test('by what a cheap expression makes of a value', () => {
    for (const [text, variables] of [
      [`[l]${'.map(x, x + x)'.repeat(40)}.size() > 0`, { l: [1] }],
      ['d.join(s).size() > 0', { d: new Array<Value>(100_000).fill(''), s: 'a'.repeat(1_000) }],
      ["s.replace('', s).size() > 0", { s: 'a'.repeat(100_000) }],
      ['d.all(x, s.size() > 0)', { d: new Array<Value>(20_000).fill(1), s: 'a'.repeat(100_000) }],
      [
        "d.all(x, s.charAt(1) == 'a')",
        { d: new Array<Value>(20_000).fill(1), s: 'a'.repeat(100_000) },
      ],
      [
        'd.all(x, timestamp(0).getHours(x) == 0 || true)',
        { d: Array.from({ length: 10_000 }, (_, at) => `Zone/${at}`) },
      ],
      [
        'lists.range(2000).map(x, d[x % 2]).map(x, string(x)).sort().size() > 0',
        { d: ['b', 'c'].map((end) => 'a'.repeat(200_000) + end) },
      ],
      ['d.all(x, d == d)', { d: Array.from({ length: 30_000 }, () => ({ a: 1 })) }],
    ] as const) {
      const compiled = environment.compile(text);
      assert.ok(compiled.kind === 'compiled', text);
      assert.throws(() => compiled.program.evaluate(variables), CostExceeded, text);
    }
    // What is left of the work of one is not that of the next.
    const next = environment.compile(`s == '${'a'.repeat(1_000)}'`);
    assert.ok(next.kind === 'compiled');
    assert.ok(next.program.estimate(() => undefined).max > 0);
  });

  test('by time that grows with a text and no faster', () => {
    const spaces = `${' '.repeat(200_000)}x${' '.repeat(200_000)}x`;
    assert.equal(evaluate("s.trim().endsWith('x')", { s: spaces }), true);
    assert.ok(evaluate('double(s) > 0.0', { s: `${'1'.repeat(400_000)}x` }) instanceof Failure);
    const query = `https://a/?${'k=v&'.repeat(100_000)}`;
    const l = Array.from({ length: 5_000 }, () => 1);
    const text = "[url(s)].all(u, l.all(x, u.getQuery()['k'].size() == 100000))";
    assert.equal(evaluate(text, { s: query, l }), true);
  });

  test('by how much is told of what is wrong, and by how many digits are written', () => {
    const lines = problemOf(
      `[${Array.from({ length: 150 }, (_, at) => `x${at}`).join(',')}]`,
    ).split('\n');
    assert.equal(lines.filter((line) => line.startsWith('ERROR')).length, 100);
    assert.equal(lines.at(-1), '50 more errors were truncated');
    const result = evaluate("'%.1001f'.format([1.5])");
    assert.ok(result instanceof Failure && /exceeds maximum of 1000/.test(result.message));
  });

  test('by the length, the depth and the nodes of an expression', () => {
    assert.match(problemOf(' '.repeat(100_001)), /expression code point size exceeds limit/);
    assert.match(
      problemOf('('.repeat(251) + '1' + ')'.repeat(251)),
      /recursion limit exceeded: 250/,
    );
    assert.match(
      problemOf(`${'true ? 1 : '.repeat(9_000)}1 == 1`),
      /recursion limit exceeded: 250/,
    );
    assert.match(problemOf(`d${'.a'.repeat(1_001)} == 1`), /recursion limit exceeded: 1000/);
    assert.match(problemOf(`1${' + 1'.repeat(1_001)} == 1`), /recursion limit exceeded: 1000/);
    assert.equal(evaluate(`true${' && true'.repeat(5_000)}`), true);
    const limits = { expressionCharactersMax: 100, nestingMax: 10, expressionNodesMax: 20 };
    const small = new Environment({ libraries: [standardLibrary(new KeptPatterns())], limits });
    assert.match(problemOf(`[${'1,'.repeat(21)}]`, small), /more than 20 nodes/);
  });
});
