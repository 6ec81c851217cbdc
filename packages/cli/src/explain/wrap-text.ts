/**
 * Breaks lines that are longer than `widthMax` at spaces; words that are longer stay whole. Line breaks and
 * spaces at the beginning of lines stay.
 */
export function wrapText(text: string, widthMax: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, widthMax))
    .join('\n');
}

function wrapLine(line: string, widthMax: number): string {
  let wrapped = '';
  let width = 0;
  let spaces = '';
  for (const part of line.match(/\s+|\S+/g) ?? []) {
    if (/^\s/.test(part)) {
      spaces = part;
      continue;
    }
    const length = [...part].length;
    // A word that fits in no line begins one as others do.
    if (width + spaces.length + Math.min(length, widthMax - 1) > widthMax) {
      wrapped += `\n${part}`;
      width = length;
    } else {
      wrapped += spaces + part;
      width += spaces.length + length;
    }
    spaces = '';
  }
  return width + spaces.length > widthMax ? wrapped : wrapped + spaces;
}
