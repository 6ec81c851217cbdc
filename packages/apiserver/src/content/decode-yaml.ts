import { parseDocument } from 'yaml';

/** What `decodeYaml` made of bytes. */
export type DecodedYaml =
  | {
      readonly kind: 'decoded';
      /** Fresh: nobody else holds it. */
      readonly value: unknown;
      readonly duplicateFields: readonly string[];
    }
  | { readonly kind: 'malformed'; readonly problem: string };

/** References that one document may follow before it counts as an attack by expansion. */
const aliasCountMax = 100;

/** Decodes YAML as Kubernetes does: YAML 1.1 scalars, one document, timestamps stay text. */
export function decodeYaml(bytes: Uint8Array): DecodedYaml {
  const document = parseDocument(Buffer.from(bytes).toString(), {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')),
  });
  const [problem] = document.errors;
  if (problem !== undefined) return { kind: 'malformed', problem: problem.message };
  try {
    const value: unknown = document.toJS({ maxAliasCount: aliasCountMax });
    return { kind: 'decoded', value, duplicateFields: [] };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { kind: 'malformed', problem: error.message };
  }
}
