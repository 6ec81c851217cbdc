import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kubernetesEnvironment } from './kubernetes.ts';
import { dynType, intType, listType, mapType, stringType } from './type.ts';
import { Failure, type Value, kindOf } from './values/value.ts';
import { CostExceeded } from './values/work.ts';

const environment = kubernetesEnvironment().withVariables({
  d: dynType,
  n: intType,
  s: stringType,
  l: listType(intType),
  m: mapType(stringType, dynType),
});

const words =
  `d n s l m x y 1 -1 0 1.5 2u 'a' "b" b'c' null true false in ( ) [ ] { } . .? [? , : ? + - * / % ! == != <
  <= > >= && || has( size( int( string( type( duration( timestamp( dyn( .all(x, .exists(x, .map(x, .filter(x,
  .exists_one(x, .all(x,y, .transformMap(x,y, .optMap(x, .orValue( .sum() .sort() .distinct() .flatten() .slice(0,1)
  .join( .split( .replace( .matches( .find( .format([ .indexOf( .value() .hasValue() optional.of( quantity( ip(
  cidr( semver( url( format.named( sets.contains( lists.range( .a .size() 'é😀' \\ @ # $ \` """ r' //`
    .split(/\s+/)
    .filter((word) => word !== '');

const values: Readonly<Record<string, Value>> = {
  d: { a: [1, 1.5, 'x', null, { b: true }] },
  n: 3,
  s: 'a,b😀',
  l: [3, 1, 2],
  m: { a: 1, b: 'two' },
};

/** What is given comes from anybody: it is refused, fails, or has a value, and nothing else happens. */
test('no expression makes the engine throw', () => {
  let compiledCount = 0;
  const look = (text: string): void => {
    for (const compiled of [environment.compile(text), environment.compileUnchecked(text)]) {
      if (compiled.kind === 'refused') {
        assert.ok(compiled.problem.startsWith('ERROR: <input>:'), compiled.problem);
        continue;
      }
      compiledCount++;
      try {
        const { result } = compiled.program.evaluate(values, { costMax: 10_000 });
        if (!(result instanceof Failure)) kindOf(result);
      } catch (error) {
        assert.ok(error instanceof CostExceeded, `${text}: ${String(error)}`);
      }
      if (compiled.program.checked !== undefined) {
        const { min, max } = compiled.program.estimate(() => ({ min: 0, max: 10 }));
        assert.ok(min >= 0 && max >= min, `${text}: ${min} to ${max}`);
      }
    }
  };
  const text = fc.array(fc.constantFrom(...words), { maxLength: 12 });
  fc.assert(
    fc.property(text, (found) => look(found.join(''))),
    { numRuns: 3_000 },
  );
  const operand = fc.constantFrom(
    'd',
    'n',
    's',
    'l',
    'm',
    '1',
    "'a'",
    '[1]',
    "{'a': 1}",
    'd.a',
    '1.5',
    '2u',
    'null',
  );
  const operator = fc.constantFrom(
    '+',
    '-',
    '*',
    '/',
    '%',
    '==',
    '!=',
    '<',
    '>=',
    '&&',
    '||',
    ' in ',
  );
  const method = fc.constantFrom(
    ...words.filter((word) => word.startsWith('.') && word.endsWith(')')),
  );
  const expression = fc.tuple(operand, method, operator, operand, method);
  fc.assert(
    fc.property(expression, fc.boolean(), ([one, first, sign, other, second], hasMethods) =>
      look(hasMethods ? `${one}${first}${sign}${other}${second}` : `${one}${sign}${other}`),
    ),
    { numRuns: 2_000 },
  );
  assert.ok(compiledCount > 1_000, `${compiledCount} compiled`);
});
