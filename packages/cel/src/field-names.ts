/** Names that mean something else in an expression. */
const reserved = new Set(
  `true false null in as break const continue else for function if import let loop package namespace
   return var void while`.split(/\s+/),
);

const escapes: ReadonlyMap<string, string> = new Map([
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
]);

/**
 * The name of a field as an expression says it: `a__dash__b`; undefined for one that none can say. Source:
 * Kubernetes, "Validation rules", property names.
 */
export function escapeField(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_][\w./-]*$/.test(name)) return undefined;
  return name.replaceAll(/__|[./-]/g, (found) => escapes.get(found) ?? found);
}
