import type { Clock } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import type { ResourceRegistry } from '../registry/resource-registry.ts';

export interface OpenApiParts {
  readonly registry: ResourceRegistry;
  readonly clock: Clock;
}

/** Answers `/openapi`. What makes the documents is loaded when somebody first asks for one. */
export function openApiWhenAsked(parts: OpenApiParts): Handler {
  let loading: Promise<Handler> | undefined;
  return async (request) => {
    loading ??= load(parts);
    const handler = await loading;
    return handler(request);
  };
}

async function load({ registry, clock }: OpenApiParts): Promise<Handler> {
  const [{ openApiHandler }, { OpenApiDocuments }] = await Promise.all([
    import('./openapi-handler.ts'),
    import('./open-api-documents.ts'),
  ]);
  return openApiHandler(new OpenApiDocuments(registry, clock));
}
