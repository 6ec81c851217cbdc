const letter = String.raw`[a-zA-Z0-9\p{S}\p{L}]`;
const single = `${letter}(-?${letter}{0,62})?`;
const label = `${letter}([-a-zA-Z0-9\\p{S}\\p{L}]{0,61}${letter})?`;
const top = `${letter}(-?${letter}){1,62}`;
const hostname = new RegExp(`^(${single}|(${label}\\.)+${top})$`, 'u');

const hostnameCharactersMax = 255;
const labelCharactersMax = 63;

/** Labels may hold symbols; the last of several has two letters at least. Source: kube-openapi, strfmt. */
export function isHostname(value: string): boolean {
  return (
    value.length <= hostnameCharactersMax &&
    hostname.test(value) &&
    value.split('.').every((each) => each.length <= labelCharactersMax)
  );
}

const addressCharactersMax = 998;

/** `a@b.example`, and with a name before it in angle brackets. Source: RFC 5322; Go, net/mail. */
export function isEmail(value: string): boolean {
  if (value.length > addressCharactersMax) return false;
  const bracketed = /^([^<>]*)<([^<>]*)>\s*$/.exec(value);
  if (bracketed === null) return isPlainAddress(value.trim());
  const [, name = '', address = ''] = bracketed;
  return isDisplayName(name.trim()) && isPlainAddress(address);
}

const atom = String.raw`[^\s()<>[\]:;@\\,."\x00-\x1f\x7f]+`;
const quoted = String.raw`"(?:[^"\\\r\n]|\\.)*"`;
const plainAddress = new RegExp(
  `^(${atom}(\\.${atom})*|${quoted})@(${atom}(\\.${atom})*|\\[[^\\s[\\]\\\\]*\\])$`,
);
const displayName = new RegExp(`^((${atom}|${quoted}|\\.)\\s*)*$`);

function isPlainAddress(value: string): boolean {
  return plainAddress.test(value);
}

function isDisplayName(value: string): boolean {
  return value.split(/\s+/).every((word) => displayName.test(word));
}

/** An absolute URI or an absolute path. Source: Go, url.ParseRequestURI. */
export function isRequestUri(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- those are what must not be there
  if (value === '' || /[\x00-\x1f\x7f]/.test(value)) return false;
  if (value === '*') return true;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(value)?.[0] ?? '';
  const rest = value.slice(scheme.length).split('?')[0] ?? '';
  if (!rest.startsWith('/')) return scheme !== '';
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) return isEscaped(rest);
  const [authority = ''] = rest.slice(2).split('/');
  return isAuthority(authority) && isEscaped(rest.slice(2 + authority.length));
}

function isEscaped(path: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(path);
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  const host = authority.slice(at + 1);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) || !isEscaped(user)) return false;
  if (host.startsWith('[')) return /^\[[^\]\s]*\](:\d*)?$/.test(host);
  // Beyond ASCII, everything may be in the name of a host.
  return /^(?:[A-Za-z0-9\-._~!$&'()*+,;=[\]<>"]|[^\x00-\x7f])*(:\d*)?$/.test(host);
}
