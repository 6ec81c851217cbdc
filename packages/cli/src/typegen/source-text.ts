/**
 * How what a server says becomes TypeScript: the only place where it does. A server may be hostile,
 * and the generated module runs where it is imported.
 */

/** A name for a type or a constant; what no identifier can hold becomes `_`. */
export function identifier(name: string): string {
  const text = name.replaceAll(/[^A-Za-z0-9_$]/g, '_');
  return /^(\d|$)/.test(text) || reserved.has(text) ? `_${text}` : text;
}

/** The name of a field, in quotes where it needs them. */
export function propertyKey(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : literal(name);
}

/** A value as it is written in source, and as a type that has only this value. */
export function literal(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'undefined';
  const inner = JSON.stringify(value).slice(1, -1);
  const text = inner.replaceAll('\\"', '"').replaceAll("'", "\\'");
  // Other tools than compilers take these for the end of a line.
  return `'${text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

/** A part of a file name: never empty, never a way to another folder. */
export function fileLabel(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, '-') || '_';
}

/** Words that are no name of a type or of a constant, and the one that each module imports. */
const reserved: ReadonlySet<string> = new Set(
  `any arguments as asserts async await bigint boolean break case catch class const constructor
  continue debugger declare default delete do else enum eval export extends false finally for from
  function get global if implements import in infer instanceof interface is keyof let module
  namespace never new null number object of package private protected public readonly require return
  set static string super switch symbol this throw true try type typeof undefined unique unknown var
  void while with yield ResourceDescriptor`.split(/\s+/),
);
