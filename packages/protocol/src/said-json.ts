/** A JSON object of a server that may have left out, or misunderstood, any of it. */
export type Said = Readonly<Record<string, unknown>>;

/** The object that was said; one without fields where it was something else. */
export function saidObject(value: unknown): Said {
  return typeof value === 'object' && value !== null ? (value as Said) : {};
}

export function saidObjects(value: unknown): readonly Said[] {
  return Array.isArray(value) ? value.map(saidObject) : [];
}

/** The text that was said; empty where it was something else. */
export function saidText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The texts of a list, without what is none. */
export function saidTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
