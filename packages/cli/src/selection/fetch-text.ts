import { connect } from '@fairway/client/connect';
import { type HttpResponse, collectBody, headerOf } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import { productVersion } from '../product-version.ts';

const bytesMax = 16 * 1024 * 1024;
/** Servers of files lead to others that have them. */
const redirectsMax = 10;

/**
 * The text behind a URL, by the proxy that the environment names. Nothing of the user's credentials goes there.
 *
 * Errors: `CommandError`; `ConnectionError`.
 */
export async function fetchText(
  { host, signal }: Pick<CommandContext, 'host' | 'signal'>,
  url: string,
): Promise<string> {
  let place = readUrl(url, url);
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    await using server = await connect({
      host,
      server: place.origin,
      userAgent: `fairway/${productVersion}`,
    });
    const response = await server.transport({
      method: 'GET',
      path: place.pathname,
      query: place.search.slice(1),
      headers: { accept: '*/*' },
      body: undefined,
      signal,
    });
    const next = redirectOf(response);
    if (next === undefined) return await textOf(url, response);
    place = readUrl(url, next, place);
  }
  throw new CommandError(`unable to read ${url}: it leads on more than ${redirectsMax} times`);
}

function readUrl(asked: string, text: string, from?: URL): URL {
  const url = URL.canParse(text, from?.href) ? new URL(text, from?.href) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new CommandError(
    `unable to read ${asked}: ${JSON.stringify(text)} is no URL of http or https`,
  );
}

function redirectOf({ status, headers }: HttpResponse): string | undefined {
  return [301, 302, 303, 307, 308].includes(status) ? headerOf(headers, 'location') : undefined;
}

async function textOf(url: string, { status, body }: HttpResponse): Promise<string> {
  if (status !== 200) {
    throw new CommandError(
      `unable to read URL ${JSON.stringify(url)}, server reported ${status}; look whether a browser shows it without a login`,
    );
  }
  const tooLong = (): Error => new CommandError(`${url} has more than ${bytesMax} bytes`);
  return Buffer.from(await collectBody(body, { bytesMax, tooLong })).toString();
}
