import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { readOpenApiSource } from './generate-kinds/open-api-source.ts';
import { writeDiscovery } from './generate-kinds/write-discovery.ts';
import { writeModules } from '../packages/cli/src/typegen/write-modules.ts';
import { type FieldTable, writeProtobuf } from './generate-kinds/write-protobuf.ts';
import {
  type SwaggerDocument,
  writeMetadataWords,
  writeOpenApi,
} from './generate-kinds/write-open-api.ts';
import { writeSchema } from './generate-kinds/write-schema.ts';

/** Where the generated files come from. */
export interface GenerateOptions {
  /** A folder of saved OpenAPI v3 documents, or the URL of a Kubernetes API. */
  readonly location: string;
  /** A protobuf field table: message → field → [number, type]. */
  readonly protobufFile?: string | undefined;
  /** The OpenAPI v2 document of the same API. */
  readonly swaggerFile?: string | undefined;
  /** The aggregated discovery of `/api` and `/apis`: `{"api": …, "apis": …}`. */
  readonly discoveryFile?: string | undefined;
}

/** Makes the generated files of `packages/kinds`: path below the output folder → text. */
export async function generateKinds(options: GenerateOptions): Promise<Map<string, string>> {
  const { location, protobufFile, discoveryFile, swaggerFile } = options;
  const source = await readOpenApiSource(location);
  const madeFrom = (what: string, hash: string): string =>
    `// Made by \`npm run generate\` from ${what}, sha256 ${hash}.\n`;
  const documents = madeFrom(
    `the OpenAPI v3 documents of Kubernetes ${source.release}`,
    source.hash,
  );
  const files = new Map<string, string>();
  for (const [file, text] of writeModules(source)) files.set(file, documents + text);
  files.set('schema-data.ts', documents + writeSchema(source));
  files.set('metadata-words.ts', documents + writeMetadataWords(source.documents));
  if (protobufFile !== undefined) {
    const table = JSON.parse(await readFile(protobufFile, 'utf8')) as FieldTable;
    const header = madeFrom('a protobuf field table', sha256(table));
    files.set('protobuf-data.ts', header + writeProtobuf(table, source));
  }
  if (discoveryFile !== undefined) {
    const header = madeFrom(
      'an aggregated discovery',
      sha256(JSON.parse(await readFile(discoveryFile, 'utf8'))),
    );
    files.set('discovery-data.ts', header + (await writeDiscovery(discoveryFile)));
  }
  if (swaggerFile !== undefined) {
    const swagger = JSON.parse(await readFile(swaggerFile, 'utf8')) as SwaggerDocument;
    files.set('open-api-data.ts', documents + writeOpenApi(source.documents, swagger));
  }
  return files;
}

/** Of the JSON's content, so that its layout does not matter. */
function sha256(json: unknown): string {
  return createHash('sha256').update(JSON.stringify(json)).digest('hex');
}

const usage =
  "npm run generate -- <folder or URL of a Kubernetes API's OpenAPI v3> " +
  '[--protobuf FILE] [--discovery FILE] [--swagger FILE] [--out DIR]';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      protobuf: { type: 'string' },
      discovery: { type: 'string' },
      swagger: { type: 'string' },
      out: {
        type: 'string',
        default: path.join(import.meta.dirname, '../packages/kinds/src/generated'),
      },
    },
  });
  const [location, ...others] = positionals;
  if (location === undefined || others.length > 0) throw new Error(`which API? usage: ${usage}`);
  const files = await generateKinds({
    location,
    protobufFile: values.protobuf,
    discoveryFile: values.discovery,
    swaggerFile: values.swagger,
  });
  await keepUngiven(values.out, files);
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

/** What was made from an input that is not given this time stays as it is. */
async function keepUngiven(folder: string, files: Map<string, string>): Promise<void> {
  for (const file of ['protobuf-data.ts', 'discovery-data.ts', 'open-api-data.ts']) {
    const present = path.join(folder, file);
    if (!files.has(file) && existsSync(present)) files.set(file, await readFile(present, 'utf8'));
  }
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
