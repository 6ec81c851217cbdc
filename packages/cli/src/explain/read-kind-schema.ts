import type { Client, DiscoveredResource } from '@fairway/client';
import { apiVersionOf } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { readJson } from '../connection/read-json.ts';
import type { KindSchema, Schema } from './kind-schema.ts';

/** What a server documents of a kind. Source: OpenAPI v3, `/openapi/v3`. Errors: `CommandError` for what it does not. */
export async function readKindSchema(
  client: Client,
  resource: DiscoveredResource,
  signal: AbortSignal,
): Promise<KindSchema> {
  const { group, version, kind } = resource;
  const index = await readJson<OpenApiIndex>(client, { path: '/openapi/v3', signal });
  const key = group === '' ? `api/${version}` : `apis/${group}/${version}`;
  const place = index.paths?.[key]?.serverRelativeURL;
  if (place === undefined) throw undocumented(resource);
  const { pathname, searchParams } = new URL(place, 'http://cluster');
  const query = Object.fromEntries(searchParams);
  const document = await readJson<OpenApiDocument>(client, { path: pathname, query, signal });
  const schemas = document.components?.schemas ?? {};
  const schema = Object.values(schemas).find((each) =>
    each['x-kubernetes-group-version-kind']?.some(
      (its) => its.group === group && its.version === version && its.kind === kind,
    ),
  );
  if (schema === undefined) throw undocumented(resource);
  return { schema, schemas };
}

interface OpenApiIndex {
  readonly paths?: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}

interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

function undocumented(resource: DiscoveredResource): CommandError {
  return new CommandError(
    `the server does not document ${resource.kind} of ${apiVersionOf(resource)}; where its definition is new, try again in a moment`,
  );
}
