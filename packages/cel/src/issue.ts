/** Something that is wrong with an expression. */
export interface Issue {
  /** Where, in UTF-16 units from the beginning of the text. */
  readonly offset: number;
  readonly message: string;
}

/** More of them are not told. */
const issuesMax = 100;

/**
 * Tells what is wrong with an expression, as a compiler does: line and column, and a sign below the
 * place. The words are those of cel-go.
 */
export function describeIssues(issues: readonly Issue[], text: string): string {
  const inOrder = [...issues].sort((one, other) => one.offset - other.offset);
  const told = inOrder.slice(0, issuesMax).map((issue) => describe(issue, text));
  const rest = inOrder.length - told.length;
  return [...told, ...(rest > 0 ? [`${rest} more errors were truncated`] : [])].join('\n');
}

function describe({ offset, message }: Issue, text: string): string {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const lineNumber = before.split('\n').length;
  const passed = Array.from(before.slice(lineStart));
  const dots = passed.map((rune) => (isWide(rune) ? '．' : '.')).join('');
  const sign = isWide([...line].at(passed.length) ?? '') ? '＾' : '^';
  const shown = line.replaceAll('\t', ' ');
  return `ERROR: <input>:${lineNumber}:${passed.length + 1}: ${message}\n | ${shown}\n | ${dots}${sign}`;
}

/** As cel-go sees it: all that is not ASCII. */
function isWide(rune: string): boolean {
  return (rune.codePointAt(0) ?? 0) > 0x7f;
}
