/** The one check before a change is done: types, layers and house rules, lint, format, unused code. */
import { spawnSync } from 'node:child_process';
import { checkLayers } from './check-layers.ts';

const steps: readonly (readonly [string, () => boolean])[] = [
  ['layers', () => report(checkLayers())],
  ['types', () => run('tsc', ['-p', 'tsconfig.check.json'])],
  [
    'lint',
    () =>
      run('oxlint', [
        '--type-aware',
        '--deny-warnings',
        'packages',
        'tools',
        'examples',
        'bench',
        'test',
      ]),
  ],
  ['format', () => run('oxfmt', ['--check', 'packages', 'tools', 'examples', 'bench', 'test'])],
  ['unused code', () => run('knip', ['--no-config-hints'])],
];

let hasFailed = false;
for (const [name, step] of steps) {
  const isGood = step();
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name}`);
  hasFailed ||= !isGood;
}
process.exit(hasFailed ? 1 : 0);

function report(problems: readonly string[]): boolean {
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit' }).status === 0;
}
