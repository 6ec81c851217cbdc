import { CommandError } from '../command-error.ts';
import { type KindSchema, type Schema, withFields } from './kind-schema.ts';

/** A kind, or a field of it. */
export interface ExplainedField {
  /** Undefined for the kind itself. */
  readonly name: string | undefined;
  readonly schema: Schema;
}

/** Follows the names of fields; lists and maps have the fields of what is in them. Errors: `CommandError`. */
export function findField(
  { schema, schemas }: KindSchema,
  path: readonly string[],
): ExplainedField {
  let found: ExplainedField = { name: undefined, schema };
  for (const name of path) {
    const { properties = {} } = withFields(schemas, found.schema) ?? {};
    const next = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (next === undefined) throw new CommandError(`field "${name}" does not exist`);
    found = { name, schema: next };
  }
  return found;
}
