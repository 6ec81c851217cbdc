import { type OpenApiDocument, readOpenApiFacts } from './open-api-facts.ts';
import { writeModules } from './write-modules.ts';

/**
 * Makes a module of types and descriptors for each group version that OpenAPI v3 documents of custom
 * resources describe: file name → TypeScript. What belongs to Kubernetes comes from `@fairway/kinds`.
 */
export function generateCustomKinds(documents: readonly OpenApiDocument[]): Map<string, string> {
  const modules = writeModules(readOpenApiFacts(documents), publishedModules);
  return new Map([...modules].map(([file, text]) => [file, header + text]));
}

/** What documents of custom resources refer to: metadata, and the scale of a resource. */
const publishedModules = {
  'meta/v1': '@fairway/kinds/meta/v1',
  'autoscaling/v1': '@fairway/kinds/autoscaling/v1',
};

const header = '// Made by `fairway typegen` from the OpenAPI v3 documents of a cluster.\n';
