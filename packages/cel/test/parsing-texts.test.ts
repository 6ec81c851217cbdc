import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tests } from '@bufbuild/cel-spec/testdata/parsing.js';
import { kubernetesEnvironment } from '../src/kubernetes.ts';

interface Suite {
  readonly suites?: readonly Suite[];
  readonly tests?: readonly {
    readonly original: { readonly expr: string };
    readonly error?: string;
  }[];
}

/** What cel-go says of the expressions that its own parser is tested with. */
function* cases(suite: Suite): Generator<readonly [text: string, error: string]> {
  for (const { original, error } of suite.tests ?? []) {
    if (error !== undefined) yield [original.expr, error];
  }
  for (const each of suite.suites ?? []) yield* cases(each);
}

/** There optional values are off and only few levels allowed, which Kubernetes has otherwise. */
const otherwise = /unsupported syntax '|limit exceeded|recursion depth exceeded/;

/** Where ANTLR, from which cel-go has its parser, recovers in a way that was not followed. */
const differing = [
  'm.existsOne(v, f)',
  '[1, 2, 3].map(var, var * var)',
  'func{{a}}',
  'msg{:a}',
  '--',
  'm.existsOne(v, f)',
];

test('mistakes are told in the words of cel-go', () => {
  const environment = kubernetesEnvironment();
  const differs: string[] = [];
  let count = 0;
  for (const [text, error] of cases(tests as Suite)) {
    if (otherwise.test(error)) continue;
    count++;
    const compiled = environment.compile(text);
    const expected = error.trim().replaceAll(/^ERROR: [^:]*:/gm, 'ERROR: <input>:');
    if (compiled.kind === 'compiled' || compiled.problem !== expected) differs.push(text);
  }
  assert.deepEqual(differs, differing);
  assert.equal(count, 138);
});
