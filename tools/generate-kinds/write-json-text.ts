/**
 * Makes a module that exports `value` as JSON text, one line per entry of its second level, so that
 * a regenerated file has a readable difference. Text, because parsing JSON is the fastest way in.
 */
export function writeJsonText(name: string, value: object): string {
  const parts = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${lines(part)}`);
  const json = `{\n${parts.join(',\n')}\n}`;
  const escaped = json.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
  return `export const ${name}: string = \`${escaped}\`;\n`;
}

function lines(value: unknown): string {
  if (Array.isArray(value)) return `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`,
  );
  return `{\n${entries.join(',\n')}\n}`;
}
