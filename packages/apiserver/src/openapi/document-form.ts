import { stringifyJson } from '@fairway/protocol';
import type { OpenApiSchema } from '@fairway/kinds/schema';
import type { OpenApiPath } from './open-api-document.ts';
import type { SchemaOrigin } from './swagger-schema.ts';

/**
 * One way of writing down what is served: OpenAPI v3 or v2, as JSON or as protobuf. A document is
 * put together from the bytes of its parts, so that a change makes only its own parts again.
 */
export interface DocumentForm {
  /** A path with its name, as it stands among the others. */
  readonly path: (name: string, path: OpenApiPath) => EncodedPath;
  /** A definition with its name, as it stands among the others. */
  readonly definition: (name: string, schema: OpenApiSchema, origin: SchemaOrigin) => Uint8Array;
  /** A whole document of such parts, in pieces. */
  readonly document: (parts: EncodedParts) => readonly Uint8Array[];
}

export interface EncodedPath {
  readonly bytes: Uint8Array;
  /** The parameters that the path shares with others, by name, where the form writes them once. */
  readonly parameters?: ReadonlyMap<string, Uint8Array> | undefined;
}

export interface EncodedParts {
  readonly paths: readonly Uint8Array[];
  readonly definitions: readonly Uint8Array[];
  readonly parameters: readonly Uint8Array[];
}

/** A member of a JSON object. */
export function jsonMember(name: string, value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(name)}:${stringifyJson(value)}`);
}

/** The pieces of JSON one after the other, with commas between the members of lists. */
export function joinJson(
  ...parts: readonly (string | readonly Uint8Array[])[]
): readonly Uint8Array[] {
  return parts.flatMap((part) =>
    typeof part === 'string'
      ? [Buffer.from(part)]
      : part.flatMap((member, index) => (index === 0 ? [member] : [comma, member])),
  );
}

const comma = Buffer.from(',');
