/**
 * Text in which nothing steers a terminal: control characters are shown, escape codes as `^[`. Lines
 * and tabs stay.
 */
export function visibleText(text: string): string {
  // Most text has no control characters and is returned unchanged.
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) =>
    character === '\u001b' ? '^[' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/**
 * The same with colours and other styles, which change only how text looks: for what programs print, line by line.
 */
export function styledText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split(/(\u001b\[[\d;:]*m)/)
    .map((part, at) => (at % 2 === 1 ? part : visibleText(part)))
    .join('');
}
