import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

import {
  type OpenApiDocument,
  type OpenApiFacts,
  readOpenApiFacts,
} from '../../packages/cli/src/typegen/open-api-facts.ts';

/** What the generator knows about one API. */
export interface OpenApiSource extends OpenApiFacts {
  /** `info.version` of the documents. */
  readonly release: string;
  /** SHA-256 over the documents, the same for a folder and for the server it was saved from. */
  readonly hash: string;
  /** Every document by the path that it has below `/openapi/v3/`. */
  readonly documents: ReadonlyMap<string, OpenApiDocument>;
}

/** Reads every group version's document from a folder of saved documents, or from a server's `/openapi/v3`. */
export async function readOpenApiSource(location: string): Promise<OpenApiSource> {
  const documents = /^https?:/.test(location)
    ? await fetchDocuments(new URL(location))
    : await readDocuments(location);
  if (documents.size === 0) {
    throw new Error(
      `cannot generate kinds from ${location}: no OpenAPI v3 document there; ` +
        'expected files like api__v1.json and apis__apps__v1.json, or the URL of a Kubernetes API',
    );
  }
  const sorted = [...documents]
    .filter(([name]) => isApiDocument(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256');
  for (const [name, document] of sorted) hash.update(`${name}\n${JSON.stringify(document)}\n`);
  return {
    release: sorted.map(([, document]) => document.info?.version).find((text) => text) ?? 'unknown',
    hash: hash.digest('hex'),
    documents,
    ...readOpenApiFacts(sorted.map(([, document]) => document)),
  };
}

const isApiDocument = (name: string): boolean => /^(version|apis?(\/.*)?)$/.test(name);

/** The index, and what else lies in a folder, is none. */
function isOpenApiDocument(json: unknown): json is OpenApiDocument {
  return typeof json === 'object' && json !== null && 'openapi' in json;
}

async function readDocuments(folder: string): Promise<Map<string, OpenApiDocument>> {
  const documents = new Map<string, OpenApiDocument>();
  for (const file of await readdir(folder)) {
    const name = file.replace(/\.json$/, '').replaceAll('__', '/');
    if (!file.endsWith('.json')) continue;
    const document: unknown = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
    if (isOpenApiDocument(document)) documents.set(name, document);
  }
  return documents;
}

async function fetchDocuments(server: URL): Promise<Map<string, OpenApiDocument>> {
  const root = server.pathname.includes('/openapi/v3') ? server : new URL('/openapi/v3', server);
  const index = (await fetchJson(root)) as {
    readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
  };
  const documents = new Map<string, OpenApiDocument>();
  for (const [name, { serverRelativeURL }] of Object.entries(index.paths)) {
    documents.set(name, (await fetchJson(new URL(serverRelativeURL, root))) as OpenApiDocument);
  }
  return documents;
}

async function fetchJson(url: URL): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) {
    throw new Error(
      `cannot read ${url.href}: ${response.status} ${response.statusText}; ` +
        'a server that asks for credentials is reached through `kubectl proxy` or `fairway proxy`',
    );
  }
  return response.json();
}
