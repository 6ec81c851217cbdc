import { CommandError } from '../command-error.ts';

/** Reads `HOST:PORT`, with an IPv6 address in brackets. Errors: `CommandError`. */
export function parseListenFlag(
  text: string,
  flag = '--listen',
): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s/?#@\\]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  const host = canonicalHost(match?.[1] ?? '');
  if (match === null || host === undefined || port > 65_535) {
    throw new CommandError(
      `cannot listen on ${JSON.stringify(text)}: it is no HOST:PORT; ` +
        `write ${flag} 127.0.0.1:6443, or [::1]:6443 for IPv6, with port 0 for any free one`,
    );
  }
  return { host, port };
}

// An address has many spellings (`0`, `[0::0]`), and we ask whether it is that of every interface.
function canonicalHost(host: string): string | undefined {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : undefined;
}
