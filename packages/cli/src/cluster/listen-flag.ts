import { CommandError } from '../command-error.ts';

/** Reads `HOST:PORT`, with an IPv6 address in brackets. Errors: `CommandError`. */
export function parseListenFlag(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new CommandError(
      `cannot listen on ${JSON.stringify(text)}: it is no HOST:PORT; ` +
        'write --listen 127.0.0.1:6443, or [::1]:6443 for IPv6, with port 0 for any free one',
    );
  }
  return { host: match[1] ?? match[2] ?? '', port };
}
