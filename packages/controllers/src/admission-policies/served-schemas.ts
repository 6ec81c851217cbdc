import type { Client } from '@fairway/client';
import type { Logger } from '@fairway/host';
import { type OpenApiSchema, linkDefinitions } from '@fairway/kinds/schema';
import {
  ApiError,
  type Schema,
  collectBody,
  decodeJson,
  groupVersionPath,
  saidObject,
  saidObjects,
} from '@fairway/protocol';
import type { CheckedKind } from './checked-kinds.ts';

/** Another API server may have written the document. */
const documentBytesMax = 4 * 1024 * 1024;
const documentValuesMax = 500_000;

/** Finds the schema of a kind; undefined when nothing is known of it. */
export type SchemaLookup = (kind: CheckedKind) => Schema | undefined;

/**
 * The schemas of kinds as the API publishes them in OpenAPI v3, custom ones and those of other API servers among
 * them: one document is asked for each group and version. Of a document that is not there, or is none, nothing
 * is known.
 *
 * Errors: what keeps the API from answering. Source: apiserver, cel/openapi/resolver, ClientDiscoveryResolver.
 */
export async function servedSchemas(
  { client, logger }: { readonly client: Client; readonly logger: Logger },
  kinds: readonly CheckedKind[],
  signal: AbortSignal,
): Promise<SchemaLookup> {
  const found = new Map<string, Schema>();
  for (const [path, wanted] of Map.groupBy(kinds, groupVersionPath)) {
    try {
      const definitions = await definitionsAt(client, `/openapi/v3${path}`, signal);
      const linked = linkDefinitions(definitions);
      for (const kind of wanted) {
        const name = Object.keys(definitions).find((each) => isOf(definitions[each], kind));
        if (name !== undefined) found.set(keyOf(kind), linked(name));
      }
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof ApiError && error.code === 404) continue;
      logger.warn('expressions of policies are not checked for want of a schema', { path, error });
    }
  }
  return (kind) => found.get(keyOf(kind));
}

async function definitionsAt(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, OpenApiSchema>>> {
  const { body } = await client.request({
    path,
    headers: { accept: 'application/json' },
    signal,
  });
  const tooLong = (): Error => new Error(`${path} has more than ${documentBytesMax} bytes`);
  const bytes = await collectBody(body, { bytesMax: documentBytesMax, tooLong });
  const decoded = decodeJson(bytes, { valuesMax: documentValuesMax });
  if (decoded.kind !== 'decoded') throw new Error(`${path} cannot be read: ${decoded.problem}`);
  const { schemas } = saidObject(saidObject(decoded.value)['components']);
  return saidObject(schemas) as Readonly<Record<string, OpenApiSchema>>;
}

function isOf(
  definition: OpenApiSchema | undefined,
  { group, version, kind }: CheckedKind,
): boolean {
  return saidObjects(saidObject(definition)['x-kubernetes-group-version-kind']).some(
    (each) => each['group'] === group && each['version'] === version && each['kind'] === kind,
  );
}

function keyOf({ group, version, kind }: CheckedKind): string {
  return `${group}/${version}/${kind}`;
}
