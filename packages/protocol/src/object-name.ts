/** How to look at a name. `isPrefix`: it is a `generateName`, which may end in a dash. */
export interface NameOptions {
  readonly isPrefix: boolean;
}

const wholeName: NameOptions = { isPrefix: false };

/**
 * Says what is wrong with a DNS subdomain (most object names), in the API's words.
 *
 * Source: RFC 1123; apimachinery, IsDNS1123Subdomain. All checks here answer undefined when fine,
 * and join several complaints with a comma.
 */
export function checkDnsSubdomain(
  name: string,
  options: NameOptions = wholeName,
): string | undefined {
  return join(dnsSubdomainErrors(options.isPrefix ? withoutLastDash(name) : name));
}

/** Says what is wrong with a DNS label (namespaces, container names). Source: RFC 1123. */
export function checkDnsLabel(name: string, options: NameOptions = wholeName): string | undefined {
  const text = options.isPrefix ? withoutLastDash(name) : name;
  const errors = text.length > 63 ? ['must be no more than 63 characters'] : [];
  if (subdomainPattern.test(text) && text.includes('.')) errors.push('must not contain dots');
  else if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)) {
    errors.push(
      mustMatch(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
        '[a-z0-9]([-a-z0-9]*[a-z0-9])?',
        ['my-name', '123-abc'],
      ),
    );
  }
  return join(errors);
}

/** Says what is wrong with a DNS label that starts with a letter (services). Source: RFC 1035. */
export function checkDns1035Label(
  name: string,
  options: NameOptions = wholeName,
): string | undefined {
  return join(dns1035LabelErrors(options.isPrefix ? withoutLastDash(name) : name));
}

/** The same, one by one. */
export function dns1035LabelErrors(text: string): readonly string[] {
  const errors = tooLongErrors(text, 63);
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text)) {
    errors.push(
      mustMatch(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        '[a-z]([-a-z0-9]*[a-z0-9])?',
        ['my-name', 'abc-123'],
      ),
    );
  }
  return errors;
}

/** Says what keeps a name from being one segment of a URL path (RBAC names). */
export function checkPathSegment(
  name: string,
  options: NameOptions = wholeName,
): string | undefined {
  if (!options.isPrefix && (name === '.' || name === '..')) return `may not be '${name}'`;
  const errors = ['/', '%']
    .filter((character) => name.includes(character))
    .map((character) => `may not contain '${character}'`);
  // JSON can spell half a character, which no path and no key of a store can hold.
  if (!name.isWellFormed()) errors.push('must be well-formed Unicode');
  return join(errors);
}

/** Says what is wrong with a qualified name: `[prefix/]name`, as label keys and finalizers are. */
export function checkQualifiedName(name: string): string | undefined {
  return join(qualifiedNameErrors(name));
}

/** Says what is wrong with the key of a label or annotation. */
export function checkLabelKey(key: string): string | undefined {
  return join(qualifiedNameErrors(key));
}

/** Says what is wrong with the value of a label. The empty value is fine. */
export function checkLabelValue(value: string): string | undefined {
  return join(labelValueErrors(value));
}

/** The same, one by one. */
export function labelValueErrors(value: string): readonly string[] {
  const errors = tooLongErrors(value, 63);
  if (!/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) {
    errors.push(
      mustMatch(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
        ['MyValue', 'my_value', '12345'],
      ),
    );
  }
  return errors;
}

/** Says what is wrong with a key of a ConfigMap's or Secret's data. */
export function checkConfigMapKey(key: string): string | undefined {
  const errors = tooLongErrors(key, 253);
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    errors.push(
      mustMatch(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        ['key.name', 'KEY_NAME', 'key-name'],
      ),
    );
  }
  if (key === '.' || key === '..') errors.push(`must not be '${key}'`);
  else if (key.startsWith('..')) errors.push("must not start with '..'");
  return join(errors);
}

const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** All that is wrong with a DNS subdomain, one by one. */
export function dnsSubdomainErrors(text: string): string[] {
  const errors = text.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!subdomainPattern.test(text)) {
    errors.push(
      mustMatch(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*',
        ['example.com'],
      ),
    );
  }
  return errors;
}

/** The same as one text for each thing that is wrong. */
export function qualifiedNameErrors(key: string): readonly string[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [
      'a valid label key ' +
        mustMatch(`must consist of ${nameCharacters}`, namePattern, nameExamples) +
        " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ];
  }
  const errors: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') errors.push('prefix part must be non-empty');
    else errors.push(...dnsSubdomainErrors(prefix).map((error) => `prefix part ${error}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else errors.push(...tooLongErrors(name, 63).map((error) => `name part ${error}`));
  if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name)) {
    const error = mustMatch(`must consist of ${nameCharacters}`, namePattern, nameExamples);
    errors.push(`name part ${error}`);
  }
  return errors;
}

const nameCharacters =
  "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const namePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const nameExamples: readonly string[] = ['MyName', 'my.name', '123-abc'];

/** Generated names go on after the prefix, so that its last dash is not the end of a name. */
export function withoutLastDash(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix;
}

/** The API counts bytes. A name that passes its pattern is ASCII, so that bytes are characters. */
function tooLongErrors(text: string, bytesMax: number): string[] {
  // UTF-8 takes one to three bytes for a UTF-16 code unit, so most names need no counting.
  const isTooLong =
    text.length > bytesMax ||
    (text.length * 3 > bytesMax && new TextEncoder().encode(text).length > bytesMax);
  return isTooLong ? [`must be no more than ${bytesMax} bytes`] : [];
}

/** Source: apimachinery, validation.RegexError; the double blanks are the API's own. */
function mustMatch(rule: string, pattern: string, examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}'`).join(',  or ');
  return `${rule} (e.g. ${list}, regex used for validation is '${pattern}')`;
}

function join(errors: readonly string[]): string | undefined {
  return errors.length === 0 ? undefined : errors.join(', ');
}
