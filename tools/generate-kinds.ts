import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { readOpenApiSource } from './generate-kinds/open-api-source.ts';
import { writeModules } from './generate-kinds/write-modules.ts';

/** Where the generated files come from. */
export interface GenerateOptions {
  /** A folder of saved OpenAPI v3 documents, or the URL of a Kubernetes API. */
  readonly location: string;
}

/** Makes every generated file of `packages/kinds`: path below the output folder → text. */
export async function generateKinds(options: GenerateOptions): Promise<Map<string, string>> {
  const source = await readOpenApiSource(options.location);
  const header =
    `// Made by \`npm run generate\` from the OpenAPI v3 documents of Kubernetes ${source.release}, ` +
    `sha256 ${source.hash}.\n`;
  const files = new Map<string, string>();
  for (const [file, text] of writeModules(source)) files.set(file, header + text);
  return files;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      protobuf: { type: 'string' },
      discovery: { type: 'string' },
      out: {
        type: 'string',
        default: path.join(import.meta.dirname, '../packages/kinds/src/generated'),
      },
    },
  });
  const [location] = positionals;
  if (location === undefined) {
    throw new Error(
      "which API? usage: npm run generate -- <folder or URL of a Kubernetes API's OpenAPI v3>",
    );
  }
  const files = await generateKinds({ location });
  await rm(values.out, { recursive: true, force: true });
  for (const [file, text] of files) {
    const target = path.join(values.out, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  const bytes = [...files.values()].reduce((sum, text) => sum + text.length, 0);
  process.stdout.write(
    `wrote ${files.size} files, ${Math.round(bytes / 1024)} KiB, to ${values.out}\n`,
  );
}

if (import.meta.main) await main();
