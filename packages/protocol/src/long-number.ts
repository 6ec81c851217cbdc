/**
 * Whether JSON may hold an integer that no number holds exactly, beyond 2^53: sixteen digits in a row
 * where a value begins. Of a text without any it looks at one character in sixteen.
 */
export function hasLongNumber(text: string): boolean {
  for (let at = 15; at < text.length; at += 16) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) continue;
    const around = text.slice(Math.max(0, at - 17), at + 16);
    if (/[:,[\s]-?\d{16}/.test(at < 32 ? ` ${around}` : around)) return true;
  }
  return false;
}
