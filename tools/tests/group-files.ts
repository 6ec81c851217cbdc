import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const compiled = path.join(import.meta.dirname, '../../node_modules/.cache/compiled');

/** Those that take long start first: a core that gets one of them last works alone at the end. */
const longestFirst = [
  'packages/store',
  'packages/apiserver',
  'packages/node-agent',
  'packages/client',
  'test/published.test.ts',
  'test/kubectl.test.ts',
  'test/kubectl-workloads.test.ts',
  'packages/reconcile',
  'packages/cli',
];

/**
 * Which files share a process: those of a package, so that its modules are loaded once. A file of
 * `test/` and the like has its own, because it runs programs and takes long.
 */
export function groupFiles(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(files, (file) => /^packages\/[^/]+/.exec(file)?.[0] ?? file);
  const names = [...groups.keys()].sort((one, other) => rankOf(one) - rankOf(other));
  return new Map(names.map((name) => [name, groups.get(name) ?? []]));
}

function rankOf(group: string): number {
  const rank = longestFirst.indexOf(group);
  return rank < 0 ? longestFirst.length : rank;
}

/** Writes into `folder` the program that runs the tests of a group. Answers its path. */
export function writeGroup(folder: string, name: string, files: readonly string[]): string {
  const runner = pathToFileURL(path.join(import.meta.dirname, 'run-group.ts')).href;
  const paths = files.map((file) => path.resolve(file));
  const program = path.join(folder, `${name.replaceAll('/', '-')}.mjs`);
  writeFileSync(
    program,
    `import { enableCompileCache } from 'node:module';
// Not before: each run writes a program like this one, and the cache forgets none.
enableCompileCache(${JSON.stringify(compiled)});
// Those that tests start load the same modules.
process.env.NODE_COMPILE_CACHE = ${JSON.stringify(compiled)};
const { runGroup } = await import(${JSON.stringify(runner)});
await runGroup(${JSON.stringify(paths)}, ${JSON.stringify(folder)});
`,
  );
  return program;
}
