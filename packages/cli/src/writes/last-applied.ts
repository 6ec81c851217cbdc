import type { DynamicObject } from '@fairway/client';
import { isJsonObject, parseJson, stringifyJson } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { sortKeys } from '../output/json-text.ts';

/** Where an object keeps what it was when it was last applied. Source: kubectl. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object with a note of what it is, by which a later apply sees what was taken out. */
export function withLastApplied(object: DynamicObject): DynamicObject {
  const bare = withoutLastApplied(object);
  const note = noteOf(bare);
  const { annotations } = bare.metadata;
  return {
    ...bare,
    metadata: { ...bare.metadata, annotations: { ...annotations, [lastAppliedAnnotation]: note } },
  };
}

/** The object as the note has it: with annotations, if none, but not the note itself. */
export function withoutLastApplied(object: DynamicObject): DynamicObject & {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
} {
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata?.annotations ?? {};
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** How the note is written. */
export function noteOf(object: DynamicObject): string {
  return `${stringifyJson(sortKeys(object) as object)}\n`;
}

/** What an object was when it was last applied; undefined where nobody noted it. Errors: `CommandError`. */
export function lastAppliedOf({ metadata }: DynamicObject): DynamicObject | undefined {
  const note = metadata?.annotations?.[lastAppliedAnnotation];
  if (note === undefined) return undefined;
  try {
    const value = parseJson(note);
    if (isJsonObject(value)) return value as unknown as DynamicObject;
  } catch (cause) {
    throw damaged(metadata?.name, cause);
  }
  throw damaged(metadata?.name);
}

function damaged(name = '', cause?: unknown): CommandError {
  return new CommandError(
    `the annotation ${lastAppliedAnnotation} of ${name} holds no object: write it anew with \`fairway apply set-last-applied -f FILE\``,
    { cause },
  );
}
