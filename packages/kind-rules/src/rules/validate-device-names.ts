import {
  checkDnsLabel,
  checkDnsSubdomain,
  duplicate,
  invalidValue,
  required,
  tooLong,
  tooMany,
} from '@fairway/protocol';

import { expectDnsSubdomain, type FieldErrors } from '../field-checks.ts';

// Source: resource.k8s.io/v1 ResourcePool, DeviceAttribute and DeviceClaim; resource validation.

const driverCharactersMax = 63;
const poolCharactersMax = 253;
const identifierCharactersMax = 32;

/** The name of a driver is a domain. */
export function expectDriverName(name: string, field: string, errors: FieldErrors): void {
  if (name === '') errors.push(required(field));
  if (name.length > driverCharactersMax) errors.push(tooLong(field, driverCharactersMax));
  const wrong = name === '' ? undefined : checkDnsSubdomain(name.toLowerCase());
  if (wrong !== undefined) errors.push(invalidValue(field, name, wrong));
}

/** The name of a pool has parts, each of which could be the name of an object. */
export function expectPoolName(name: string, field: string, errors: FieldErrors): void {
  if (name === '') {
    errors.push(required(field));
    return;
  }
  if (name.length > poolCharactersMax) errors.push(tooLong(field, poolCharactersMax));
  for (const part of name.split('/')) expectDnsSubdomain(part, field, errors);
}

/** The name of an attribute or capacity: an identifier, which a domain may stand before. */
export function expectQualifiedIdentifier(name: string, field: string, errors: FieldErrors): void {
  const parts = name.split('/');
  if (parts.length > 2) {
    errors.push(invalidValue(field, name, 'must not contain more than one slash'));
    return;
  }
  const [domain, identifier = ''] = parts.length === 2 ? parts : [undefined, name];
  if (domain === '') errors.push(invalidValue(field, '', 'the domain must not be empty'));
  else if (domain !== undefined) expectDriverName(domain, field, errors);
  if (domain !== undefined && identifier === '') {
    errors.push(invalidValue(field, '', 'the name must not be empty'));
  } else expectIdentifier(identifier, field, errors);
}

/** The same where the domain must be said. */
export function expectFullyQualified(name: string, field: string, errors: FieldErrors): void {
  expectQualifiedIdentifier(name, field, errors);
  if (name.includes('/')) return;
  const text = 'a fully qualified name must be a domain and a name separated by a slash';
  errors.push(invalidValue(field, name, text));
}

function expectIdentifier(name: string, field: string, errors: FieldErrors): void {
  if (name.length > identifierCharactersMax) errors.push(tooLong(field, identifierCharactersMax));
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
  const text =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
  errors.push(invalidValue(field, name, text));
}

/** The requests of a claim, by name, with the names of what each would rather have. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

/** A request of the claim, or one of its alternatives: `gpu`, `gpu/small`. */
export function expectRequestName(
  name: string,
  { field, known }: { readonly field: string; readonly known: RequestNames },
  errors: FieldErrors,
): void {
  const text =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const [request = '', alternative, ...rest] = name.split('/');
  if (rest.length > 0) {
    errors.push(invalidValue(field, name, text));
    return;
  }
  for (const part of alternative === undefined ? [request] : [request, alternative]) {
    const wrong = checkDnsLabel(part);
    if (wrong !== undefined) errors.push(invalidValue(field, part, wrong));
  }
  const alternatives = known.get(request);
  const isKnown = alternative === undefined ? alternatives : alternatives?.has(alternative);
  if (!isKnown) errors.push(invalidValue(field, name, text));
}

/** A list that is looked at only when it is short enough; what stands in it twice is told last. */
export function validateBoundedList<T>(
  items: readonly T[],
  list: {
    readonly field: string;
    readonly countMax: number;
    readonly keyOf?: (item: T) => string;
    readonly validate: (item: T, field: string) => void;
  },
  errors: FieldErrors,
): void {
  const { field, countMax, keyOf, validate } = list;
  if (items.length > countMax) {
    errors.push(tooMany(field, items.length, countMax));
    return;
  }
  items.forEach((item, index) => validate(item, `${field}[${index}]`));
  const keys = new Set<string>();
  if (keyOf === undefined) return;
  items.forEach((item, index) => {
    const key = keyOf(item);
    if (keys.has(key)) errors.push(duplicate(`${field}[${index}]`, key));
    keys.add(key);
  });
}
