import {
  type FieldError,
  fieldErrorText,
  duplicate,
  invalidValue,
  isJsonObject,
  required,
  wrongType,
} from '@fairway/protocol';

/** Reads the fields of a configuration one by one, and notes what is wrong with them. */
export class ConfigurationReader {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #problems: FieldError[];
  readonly #read = new Set<string>();

  constructor(value: unknown, path: string, problems: FieldError[]) {
    this.#path = path;
    this.#problems = problems;
    this.#value = isJsonObject(value) ? value : {};
    if (!isJsonObject(value)) problems.push(wrongType(path, value, 'must be an object'));
  }

  at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  /** Empty when there is none. */
  text(name: string): string {
    return this.optionalText(name) ?? '';
  }

  optionalText(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'string') return value;
    this.complain(wrongType(this.at(name), value, 'must be a string'));
    return undefined;
  }

  flag(name: string): boolean {
    const value = this.#take(name) ?? false;
    if (typeof value === 'boolean') return value;
    this.complain(wrongType(this.at(name), value, 'must be a boolean'));
    return false;
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((value, index) => {
      if (typeof value === 'string') return value;
      this.complain(wrongType(`${this.at(name)}[${index}]`, value, 'must be a string'));
      return '';
    });
  }

  /** Undefined when it is not there. */
  object<Read>(name: string, read: (reader: ConfigurationReader) => Read): Read | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : this.#inside(value, this.at(name), read);
  }

  objects<Read>(name: string, read: (reader: ConfigurationReader) => Read): readonly Read[] {
    return this.#list(name).map((value, index) =>
      this.#inside(value, `${this.at(name)}[${index}]`, read),
    );
  }

  /** What comes twice among the values of a field of the list `name`. */
  requireUnique(name: string, field: string, values: readonly string[]): void {
    for (const [index, value] of values.entries()) {
      if (value === '' || values.indexOf(value) === index) continue;
      this.complain(duplicate(`${this.at(name)}[${index}]${field}`, value));
    }
  }

  require(name: string, isThere: boolean, detail = ''): void {
    if (!isThere) this.complain(required(this.at(name), detail));
  }

  refuse(name: string, value: unknown, detail: string): void {
    this.complain(invalidValue(this.at(name), value, detail));
  }

  complain(problem: FieldError): void {
    this.#problems.push(problem);
  }

  #take(name: string): unknown {
    this.#read.add(name);
    const value = Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
    return value ?? undefined;
  }

  #list(name: string): readonly unknown[] {
    const value = this.#take(name) ?? [];
    if (Array.isArray(value)) return value;
    this.complain(wrongType(this.at(name), value, 'must be a list'));
    return [];
  }

  #inside<Read>(value: unknown, path: string, read: (reader: ConfigurationReader) => Read): Read {
    const reader = new ConfigurationReader(value, path, this.#problems);
    const found = read(reader);
    reader.refuseUnread();
    return found;
  }

  /** A field that nobody has asked for is a mistake, or means something that we do not do. */
  refuseUnread(): void {
    for (const name of Object.keys(this.#value)) {
      if (!this.#read.has(name)) this.refuse(name, undefined, 'there is no such field');
    }
  }
}

/** `jwt[0].issuer.url: Required value`, one after the other. */
export function describeProblems(problems: readonly FieldError[]): string {
  return problems.map(fieldErrorText).join('; ');
}
