import { type JsonValue, isJsonObject } from '@fairway/protocol';
import type { FieldSet } from './field-set.ts';

/**
 * Whether `fieldsV1`, as this server wrote it, has any of these fields or something below them: what
 * has not needs no reading.
 */
export function touchesFields(fieldsV1: JsonValue, fields: FieldSet): boolean {
  if (!isJsonObject(fieldsV1)) return true;
  for (const [element, child] of fields.children) {
    const found = fieldsV1[element];
    if (found === undefined) continue;
    if (child.isMember || touchesFields(found, child)) return true;
  }
  return false;
}
