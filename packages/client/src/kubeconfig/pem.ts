/** True when the text holds at least one certificate and no damaged one. Source: RFC 7468. */
export function holdsCertificate(text: string): boolean {
  return holdsBlock(text, /^(X509 |TRUSTED )?CERTIFICATE$/);
}

/** True when the text holds a private key, of whatever kind. Source: RFC 7468. */
export function holdsKey(text: string): boolean {
  return holdsBlock(text, /^([A-Z0-9]+ )*PRIVATE KEY$/);
}

function holdsBlock(text: string, label: RegExp): boolean {
  const blocks = [...text.matchAll(/^-----BEGIN ([^-\r\n]+)-----([\s\S]*?)-----END \1-----/gm)];
  const wanted = blocks.filter(([, name = '']) => label.test(name));
  return wanted.length > 0 && wanted.every(([, , body = '']) => isDerBody(body));
}

/** DER of both kinds begins with a SEQUENCE, whose base64 begins with `M`. */
function isDerBody(body: string): boolean {
  const [headers = '', rest] = body.split(/\r?\n\r?\n/, 2);
  const data = headers.includes(':') ? (rest ?? '') : body;
  return /^M[A-Za-z0-9+/\s]+={0,2}\s*$/.test(data.trim());
}
