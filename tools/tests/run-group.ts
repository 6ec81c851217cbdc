import { pathToFileURL } from 'node:url';
import { attributeByContext } from './attribute-by-context.ts';
import { noteTestCosts } from './test-costs.ts';

/** Runs the tests of these files, one after the other, in this process. */
export async function runGroup(files: readonly string[], costsFolder: string): Promise<void> {
  attributeByContext();
  noteTestCosts(costsFolder);
  const { before, test } = await import('node:test');
  const { promise: loaded, resolve } = Promise.withResolvers<void>();
  // Else the first tests would run while the files of others are compiled.
  before(() => loaded);
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      void test(`${file} can be loaded`, () => Promise.reject(error as Error));
    }
  }
  resolve();
}
