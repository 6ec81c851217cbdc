/** Runs one example, and says in one line what a refusal says: `npm run example -- FILE [ARGUMENT…]`. */
import { existsSync, globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [file, ...rest] = process.argv.slice(2);
const examples = globSync('examples/*.ts')
  .filter((each) => !each.endsWith('.test.ts'))
  .sort();

if (file === undefined || !existsSync(file)) {
  console.error(file === undefined ? 'Which one?' : `error: there is no ${file}; which one?`);
  for (const each of examples) console.error(`  npm run example -- ${each}`);
  process.exit(1);
}

process.argv = [process.argv[0] ?? '', file, ...rest];
try {
  await import(pathToFileURL(file).href);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
