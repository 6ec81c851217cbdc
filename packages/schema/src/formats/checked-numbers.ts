/** Of the usual issuers, with any other characters between the digits. Source: ISO/IEC 7812. */
export function isCreditCard(value: string): boolean {
  const digits = value.replaceAll(/\D+/g, '');
  return digits.length <= 19 && issuers.test(digits) && hasLuhnDigit(digits);
}

const issuers =
  /^(4\d{12}(\d{3})?|5[1-5]\d{14}|6(011|5\d\d)\d{12}|3[47]\d{13}|3(0[0-5]|[68]\d)\d{11}|(2131|1800|35\d{3})\d{11})$/;

function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  [...digits].reverse().forEach((digit, index) => {
    const doubled = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return sum % 10 === 0;
}

/** Source: ISO 2108. */
export function isIsbn10(value: string): boolean {
  const text = withoutGaps(value);
  if (!/^\d{9}[\dX]$/.test(text)) return false;
  const sum = [...text].reduce(
    (total, digit, index) => total + (index + 1) * (digit === 'X' ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

export function isIsbn13(value: string): boolean {
  const text = withoutGaps(value);
  if (!/^\d{13}$/.test(text)) return false;
  const sum = [...text].reduce(
    (total, digit, index) => total + (index % 2 === 0 ? 1 : 3) * Number(digit),
    0,
  );
  return sum % 10 === 0;
}

function withoutGaps(value: string): string {
  return value.replaceAll(/[\s-]+/g, '');
}
