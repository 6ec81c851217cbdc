import { type JsonValue, isJsonObject } from '@fairway/protocol';
import type { FieldSet } from './field-set.ts';

/**
 * Whether `fieldsV1`, as this server wrote it, has any of these fields or something below them: what
 * has not needs no reading.
 */
export function touchesFields(fieldsV1: JsonValue, fields: FieldSet): boolean {
  if (!isJsonObject(fieldsV1)) return true;
  if (fields.children.size <= fewMax) {
    for (const [element, child] of fields.children) {
      if (touchesField(fieldsV1[element], child)) return true;
    }
    return false;
  }
  // There may be many owners of little each, none of which is to pay for a large change.
  for (const element of Object.keys(fieldsV1)) {
    if (touchesField(fieldsV1[element], fields.children.get(element))) return true;
  }
  return false;
}

const fewMax = 8;

function touchesField(fieldsV1: JsonValue | undefined, fields: FieldSet | undefined): boolean {
  if (fieldsV1 === undefined || fields === undefined) return false;
  return fields.isMember || touchesFields(fieldsV1, fields);
}
