/** Reads a truth value as Go does; undefined for any other text. Source: Go, strconv.ParseBool. */
export function parseTruthValue(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text) ? false : undefined;
}
