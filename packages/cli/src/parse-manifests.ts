import type { DynamicObject } from '@fairway/client';
import {
  type JsonObject,
  isJsonObject,
  longInteger,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';
import { CommandError } from './command-error.ts';

/**
 * The objects in a text of YAML or JSON, which may hold several documents; those in lists one by one.
 *
 * Errors: `CommandError` that names the file.
 */
export async function parseManifests(
  file: string,
  text: string,
): Promise<readonly DynamicObject[]> {
  const documents = jsonDocuments(text) ?? (await yamlDocuments(file, text));
  return documents.flatMap((document) => (document === null ? [] : flatten(file, document)));
}

/** The one value in a text of JSON or YAML. Errors: `CommandError` that names what it is. */
export async function parseValue(what: string, text: string): Promise<unknown> {
  const documents = await yamlDocuments(what, text);
  if (documents.length === 1) return documents[0];
  throw new CommandError(`${what} holds ${documents.length} documents, and has to be one`);
}

/** One document after the other, as programs write them; undefined for what is not all JSON. */
function jsonDocuments(text: string): readonly unknown[] | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return [parseJson(text)];
  } catch {
    // A document ends at the end of a line: inside of one, no two braces meet there.
    const parts = text.split(/(?<=\})\s*\n(?=\s*\{)/);
    try {
      return parts.length === 1 ? undefined : parts.map((part) => parseJson(part) as unknown);
    } catch {
      return undefined;
    }
  }
}

async function yamlDocuments(file: string, text: string): Promise<readonly unknown[]> {
  const [{ parseAllDocuments }, { scalarsRead }] = await Promise.all([
    import('yaml'),
    import('@fairway/apiserver/yaml-scalars'),
  ]);
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    customTags: scalarsRead,
    intAsBigInt: true,
  });
  return [...documents].map((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw new CommandError(`error parsing ${file}: ${error.message}`, { cause: error });
    }
    try {
      return document.toJS({ maxAliasCount: 100, reviver: shortInteger }) as unknown;
    } catch (cause) {
      // Aliases of nothing, or of so much that no memory would hold it.
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CommandError(`error parsing ${file}: ${why}`, { cause });
    }
  });
}

/** An integer stays a `bigint` only where a number would lose digits. */
function shortInteger(_key: unknown, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return longInteger(String(value)) ?? Number(value);
}

function flatten(file: string, value: unknown): readonly DynamicObject[] {
  if (!isJsonObject(value)) throw new CommandError(`${file} holds something that is no object`);
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !apiVersion || !kind) {
    throw new CommandError(
      `${file} holds an object without apiVersion or kind; begin it as in: apiVersion: v1, kind: ConfigMap`,
    );
  }
  if (kind === 'List' && apiVersion === 'v1' && (items ?? null) === null) return [];
  if (!kind.endsWith('List') || !Array.isArray(items)) return [withMetadata(file, value)];
  // A list of one kind need not say with each object what it is.
  const each = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.flatMap((item: unknown) =>
    flatten(file, isJsonObject(item) ? { ...each, ...item } : item),
  );
}

/** The object, of whose metadata commands may take for granted what they are. */
function withMetadata(file: string, value: JsonObject): DynamicObject {
  const { kind, metadata } = value;
  if (metadata === undefined) return value as unknown as DynamicObject;
  if (metadata !== null && !isJsonObject(metadata)) {
    throw wrong(file, metadata, `the metadata of a ${String(kind)}`, 'an object');
  }
  const present = Object.entries(metadata ?? {}).filter(([, field]) => field !== null);
  for (const [key, field] of present) {
    if (textFields.has(key) && typeof field !== 'string') {
      throw wrong(file, field, `metadata.${key} of a ${String(kind)}`, 'text: put it in quotes');
    }
    if (mapFields.has(key) && !isJsonObject(field)) {
      throw wrong(
        file,
        field,
        `metadata.${key} of a ${String(kind)}`,
        'an object, as in: {app: web}',
      );
    }
  }
  const kept = Object.fromEntries(
    Object.entries(metadata ?? {}).filter(([key, field]) => field !== null || !isKnown(key)),
  );
  return { ...value, metadata: kept } as unknown as DynamicObject;
}

const textFields = new Set(['name', 'namespace', 'generateName', 'resourceVersion', 'uid']);
const mapFields = new Set(['labels', 'annotations']);

function isKnown(key: string): boolean {
  return textFields.has(key) || mapFields.has(key);
}

function wrong(file: string, value: unknown, what: string, wanted: string): CommandError {
  return new CommandError(
    `${file}: ${what} is ${stringifyJson(value) ?? 'nothing'}, and has to be ${wanted}`,
  );
}
