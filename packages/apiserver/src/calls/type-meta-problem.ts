import { isJsonObject, jsonTypeOf } from '@fairway/protocol';

/** What keeps the kind of a decoded object from being read, in the words of Go. */
export function typeMetaProblem(value: unknown): string | undefined {
  if (!isJsonObject(value)) {
    return `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
  }
  const field = ['apiVersion', 'kind'].find((name) => typeof (value[name] ?? '') !== 'string');
  if (field === undefined) return undefined;
  return `json: cannot unmarshal ${jsonTypeOf(value[field])} into Go struct field .${field} of type string`;
}
