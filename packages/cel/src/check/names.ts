/**
 * The names that a name may stand for within a container, the most specific first: `a.b.x`, `a.x` and `x`
 * for `x` in `a.b`. A dot before it says that it is whole. Source: cel-spec, doc/langdef.md, "Name Resolution".
 */
export function candidateNames(container: string, name: string): readonly string[] {
  if (name.startsWith('.')) return [name.slice(1)];
  const candidates: string[] = [];
  const parts = container === '' ? [] : container.split('.');
  for (let length = parts.length; length > 0; length--) {
    candidates.push(`${parts.slice(0, length).join('.')}.${name}`);
  }
  return [...candidates, name];
}
