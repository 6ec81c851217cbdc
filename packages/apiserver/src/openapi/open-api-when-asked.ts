import type { AuthorizedRequest } from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import type { AggregatedApis } from '../registry/aggregated-api.ts';
import type { ResourceRegistry } from '../registry/resource-registry.ts';

export interface OpenApiParts {
  readonly registry: ResourceRegistry;
  readonly clock: Clock;
  readonly aggregatedApis: AggregatedApis;
}

/** Answers `/openapi`. What makes the documents is loaded when somebody first asks for one. */
export function openApiWhenAsked(parts: OpenApiParts): Handler<AuthorizedRequest> {
  let loading: Promise<Handler<AuthorizedRequest>> | undefined;
  return async (request) => {
    loading ??= load(parts);
    const handler = await loading;
    return handler(request);
  };
}

async function load(parts: OpenApiParts): Promise<Handler<AuthorizedRequest>> {
  const [{ openApiHandler }, { OpenApiDocuments }, { ExtensionDocuments }] = await Promise.all([
    import('./openapi-handler.ts'),
    import('./open-api-documents.ts'),
    import('./extension-documents.ts'),
  ]);
  const extensions = new ExtensionDocuments(parts.aggregatedApis);
  return openApiHandler(new OpenApiDocuments({ ...parts, extensions }));
}
