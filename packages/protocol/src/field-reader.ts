import { parseDuration } from './duration.ts';
import { type FieldError, invalidValue, required, unsupported, wrongType } from './field-error.ts';
import { isJsonObject } from './json-value.ts';

/** Reads fields of what somebody wrote by hand, and notes all that is wrong with them. */
export class FieldReader {
  readonly problems: FieldError[] = [];

  /** Empty where it is none. A field that is not known is a typing mistake, and may be the one that counts. */
  object(
    field: string,
    value: unknown,
    known: readonly string[],
  ): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {};
    if (!isJsonObject(value)) {
      this.problems.push(wrongType(field, value, 'must be a map'));
      return {};
    }
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const place = field === '' ? name : `${field}.${name}`;
      this.problems.push(invalidValue(place, name, 'unknown field'));
    }
    return value;
  }

  list(field: string, value: unknown): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value as readonly unknown[];
    this.problems.push(wrongType(field, value, 'must be a list'));
    return [];
  }

  text(field: string, value: unknown): string | undefined {
    if (typeof value === 'string' && value !== '') return value;
    const isAbsent = value === undefined || value === null || value === '';
    this.problems.push(isAbsent ? required(field) : wrongType(field, value, 'must be a string'));
    return undefined;
  }

  choice(field: string, value: unknown, choices: readonly string[]): string | undefined {
    const text = this.text(field, value);
    if (text === undefined || choices.includes(text)) return text;
    this.problems.push(unsupported(field, text, choices));
    return undefined;
  }

  /** True when it is absent. */
  flag(field: string, value: unknown): boolean {
    if (value === undefined || typeof value === 'boolean') return value ?? true;
    this.problems.push(wrongType(field, value, 'must be true or false'));
    return true;
  }

  /** In milliseconds. */
  duration(
    field: string,
    value: unknown,
    { msDefault, msMax }: { readonly msDefault?: number; readonly msMax?: number },
  ): number {
    if (value === undefined && msDefault !== undefined) return msDefault;
    const text = this.text(field, value);
    if (text === undefined) return 0;
    const ms = parseDuration(text);
    if (ms === undefined) {
      this.problems.push(invalidValue(field, text, 'must be a duration such as 30s or 5m'));
      return 0;
    }
    if (ms > 0 && ms <= (msMax ?? Infinity)) return ms;
    const bound = msMax === undefined ? '' : ` and <= ${msMax / 1_000}s`;
    this.problems.push(invalidValue(field, text, `must be > 0s${bound}`));
    return 0;
  }
}
