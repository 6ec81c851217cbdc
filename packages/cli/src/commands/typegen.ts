import { join } from 'node:path';
import type { Client } from '@fairway/client';
import { CustomResourceDefinition } from '@fairway/kinds/apiextensions/v1';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { readJson } from '../connection/read-json.ts';
import { generateCustomKinds } from '../typegen/generate-custom-kinds.ts';
import type { OpenApiDocument } from '../typegen/open-api-facts.ts';

export interface TypegenFlags extends ClusterFlags {
  readonly out: string;
}

/** Writes TypeScript types and descriptors for the custom resources of a cluster. */
export async function typegen(context: CommandContext, flags: TypegenFlags): Promise<void> {
  const { host, output, signal } = context;
  await using client = await openClient(context, flags);
  const groupVersions = await servedGroupVersions(client, signal);
  if (groupVersions.length === 0) {
    throw new CommandError('there are no custom resources in this cluster; nothing was written');
  }
  const documents = await readDocuments(client, { groupVersions, signal });
  for (const [file, text] of generateCustomKinds(documents)) {
    const path = join(flags.out, file);
    await host.files.makeDirectory(join(path, '..'));
    await host.files.write(path, new TextEncoder().encode(text));
    await output.write(`${path}\n`);
  }
}

/** `stable.example.io/v1`, for each version of each definition that is served. */
async function servedGroupVersions(client: Client, signal: AbortSignal): Promise<string[]> {
  const found = new Set<string>();
  for await (const { spec } of client.list(CustomResourceDefinition, { signal })) {
    for (const { name, served } of spec.versions) if (served) found.add(`${spec.group}/${name}`);
  }
  return [...found].sort();
}

async function readDocuments(
  client: Client,
  from: { readonly groupVersions: readonly string[]; readonly signal: AbortSignal },
): Promise<OpenApiDocument[]> {
  const { groupVersions, signal } = from;
  const { paths } = await readJson<OpenApiIndex>(client, { path: '/openapi/v3', signal });
  const documents: OpenApiDocument[] = [];
  for (const groupVersion of groupVersions) {
    const place = paths[`apis/${groupVersion}`];
    if (place === undefined) {
      throw new CommandError(
        `the cluster does not describe ${groupVersion} yet: try again in a moment`,
      );
    }
    const { pathname, searchParams } = new URL(place.serverRelativeURL, 'http://cluster');
    const query = Object.fromEntries(searchParams);
    documents.push(await readJson<OpenApiDocument>(client, { path: pathname, query, signal }));
  }
  return documents;
}

interface OpenApiIndex {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}
