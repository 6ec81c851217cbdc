import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allControllers } from './all-controllers.ts';
import { selectControllers } from './select-controllers.ts';

const known = [
  { name: 'a-controller', alias: 'a' },
  { name: 'b-controller', alias: 'b' },
  { name: 'c-controller', alias: 'c' },
];

test('selectControllers() reads a list as kube-controller-manager does', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['*', 'a b c'],
    ['*,-b-controller', 'a c'],
    ['-b-controller,*', 'a c'],
    ['*,-b', 'a c'],
    ['b-controller', 'b'],
    ['c,a', 'a c'],
    ['-b', ''],
    ['a,-a', 'a'],
    ['-a,a,*', 'b c'],
    ['a,*,-a', 'a b c'],
  ];
  for (const [list, wanted] of cases) {
    const selected = selectControllers(known, list.split(','));
    assert.equal(selected.map(({ alias }) => alias).join(' '), wanted, list);
  }
});

test('selectControllers() leaves out what is off by default, unless it is named', () => {
  const some = [...known, { name: 'd-controller', alias: 'd', isOffByDefault: true }];
  const selected = (list: string): string =>
    selectControllers(some, list.split(','))
      .map(({ alias }) => alias)
      .join(' ');
  assert.deepEqual(['*', '*,d', 'd', '*,-d', 'd,-d'].map(selected), [
    'a b c',
    'a b c d',
    'd',
    'a b c',
    'd',
  ]);
});

test('selectControllers() refuses what is no controller, and says which there are', () => {
  const all = 'there are: a-controller, b-controller, c-controller';
  for (const [list, said] of [
    [[], 'no controller is named'],
    [['*', '-d'], '"-d" is no controller'],
    [['x', 'a', 'y'], '"x", "y" is no controller'],
    [[''], '"" is no controller'],
    [['-*'], '"-*" is no controller'],
    [['--a'], '"--a" is no controller'],
  ] as const) {
    assert.throws(
      () => selectControllers(known, list),
      (error) =>
        error instanceof RangeError &&
        error.message.startsWith(said) &&
        error.message.endsWith(all),
    );
  }
});

test('no two controllers of the cluster share a name', () => {
  const names = allControllers.flatMap(({ name, alias }) => [name, alias]);
  assert.equal(new Set(names).size, names.length);
});
