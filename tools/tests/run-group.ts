import { pathToFileURL } from 'node:url';
import { attributeByContext } from './attribute-by-context.ts';
import { noteTestCosts } from './test-costs.ts';

/** For what a test that is over may still close. */
const closingMsMax = 20_000;

/**
 * Runs the tests of these files, one after the other, in this process. A test that hung holds what it
 * opened: the process ends all the same, and says what was open.
 */
export async function runGroup(
  files: readonly string[],
  costsFolder: string,
  closingMs = closingMsMax,
): Promise<void> {
  attributeByContext();
  noteTestCosts(costsFolder);
  const { after, before, test } = await import('node:test');
  const { promise: loaded, resolve } = Promise.withResolvers<void>();
  // Else the first tests would run while the files of others are compiled.
  before(() => loaded);
  let areOver = false;
  after(() => {
    areOver = true;
    setTimeout(endWithOpenDoors, closingMs, files).unref();
  });
  process.once('exit', () => {
    if (areOver) return;
    console.error(`error: the process ended before the tests of ${files.join(', ')} were over`);
    process.exitCode = 1;
  });
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      void test(`${file} can be loaded`, () => Promise.reject(error as Error));
    }
  }
  resolve();
}

function endWithOpenDoors(files: readonly string[]): never {
  const open = process.getActiveResourcesInfo().join(', ');
  console.error(`error: the tests of ${files.join(', ')} are over and hold: ${open}`);
  process.exit(1);
}
