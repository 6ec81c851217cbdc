import { type Clock, Secret, messageOf } from '@fairway/host';
import { type JsonObject, isJsonObject } from '@fairway/protocol';
import { bearerCredential, type Credential, type Credentials } from '../cluster-target.ts';
import type { AuthProviderStanza } from '../kubeconfig/kubeconfig-schema.ts';
import { expiryLeewayMs, refreshingCredentials } from './refreshing-credentials.ts';

/**
 * Makes one HTTPS request and reads the answer as JSON; given by the platform, which has the
 * sockets.
 */
export type FetchJson = (request: FetchJsonRequest) => Promise<FetchJsonResponse>;

export interface FetchJsonRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Values may be secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The only authorities to trust, as PEM. Absent: the system's. */
  readonly certificateAuthority?: string;
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
}

export interface FetchJsonResponse {
  readonly status: number;
  /** The decoded body; undefined when it is not JSON. */
  readonly body: unknown;
}

export interface OidcTokens {
  readonly idToken: Secret;
  /** Absent: the old one stays. */
  readonly refreshToken?: Secret;
}

export interface OidcOptions {
  readonly config: NonNullable<AuthProviderStanza['config']>;
  /** Authorities of the issuer, as PEM. Absent: the system's. */
  readonly certificateAuthority?: string;
  /** Keeps new tokens for the next run. They are not used before this has succeeded. */
  persist(tokens: OidcTokens): Promise<void>;
}

/** Bounds on each exchange with the issuer. */
export const oidcTimeoutMs = 30_000;
export const oidcResponseBytesMax: number = 1024 * 1024;

/**
 * Credentials from an OpenID Connect id-token, renewed with the refresh-token.
 *
 * New tokens are persisted before they are used: issuers may accept a refresh-token only once.
 * Errors: throws `OidcError`.
 * Source: OpenID Connect Discovery 1.0 §4, OAuth 2.0 RFC 6749 §6.
 */
export function oidcCredentials(
  host: { readonly clock: Clock; readonly fetchJson: FetchJson | undefined },
  options: OidcOptions,
): Credentials {
  const { clock, fetchJson } = host;
  let idToken = textOf(options.config['id-token']);
  let refreshToken = textOf(options.config['refresh-token']);
  let wasAnswered = false;

  async function load(): Promise<Credential> {
    const expiresMs = idToken === '' ? undefined : expiryOfToken(idToken);
    const isFresh = expiresMs !== undefined && clock.now() < expiresMs - expiryLeewayMs;
    // A second load while the token is fresh means that the server refused it.
    if (!isFresh || wasAnswered) {
      const tokens = await refresh(fetchJson, { ...options, refreshToken });
      await options.persist(tokens);
      idToken = tokens.idToken.reveal();
      refreshToken = tokens.refreshToken?.reveal() ?? refreshToken;
    }
    wasAnswered = true;
    return bearerCredential(idToken, expiryOfToken(idToken));
  }

  return refreshingCredentials({ clock, load });
}

/** An OpenID Connect issuer gave no usable token. Never shows a token. */
export class OidcError extends Error {
  override readonly name = 'OidcError';
}

async function refresh(
  fetchJson: FetchJson | undefined,
  options: OidcOptions & { refreshToken: string },
): Promise<OidcTokens> {
  const issuer = textOf(options.config['idp-issuer-url']);
  if (options.refreshToken === '') {
    throw new OidcError(
      `cannot renew the id-token of ${issuer}: no valid id-token, and cannot refresh without refresh-token; log in again`,
    );
  }
  if (fetchJson === undefined) {
    throw new OidcError(`cannot renew the id-token of ${issuer}: no way to reach it was given`);
  }
  const exchange: Exchange = { fetchJson, issuer, options };
  const endpoint = await discoverTokenEndpoint(exchange);
  const body = await grant(exchange, endpoint);
  const { id_token: idToken, refresh_token: refreshToken } = body;
  if (typeof idToken !== 'string' || idToken === '') {
    throw new OidcError(`cannot renew the id-token of ${issuer}: its answer has no id_token`);
  }
  return {
    idToken: new Secret(idToken),
    ...(typeof refreshToken === 'string' && refreshToken !== options.refreshToken
      ? { refreshToken: new Secret(refreshToken) }
      : {}),
  };
}

interface Exchange {
  readonly fetchJson: FetchJson;
  readonly issuer: string;
  readonly options: OidcOptions & { readonly refreshToken: string };
}

async function discoverTokenEndpoint(exchange: Exchange): Promise<string> {
  const url = `${exchange.issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  const response = await send(exchange, { method: 'GET', url, headers: {} });
  const endpoint = isJsonObject(response.body) ? response.body['token_endpoint'] : undefined;
  if (response.status === 200 && typeof endpoint === 'string' && URL.canParse(endpoint)) {
    if (endpoint.startsWith('https://')) return endpoint;
    throw new OidcError(`cannot renew the id-token: ${endpoint} is not https; it would be read`);
  }
  throw new OidcError(
    `cannot renew the id-token: ${url} answered ${response.status} without a token_endpoint`,
  );
}

/** Asks with the secret in the header, and in the body where an issuer wants it there. */
async function grant(exchange: Exchange, endpoint: string): Promise<JsonObject> {
  const { config, refreshToken } = exchange.options;
  const clientId = textOf(config['client-id']);
  const clientSecret = textOf(config['client-secret']);
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const inBody = { ...form, client_id: clientId };
  const attempts: { headers: Record<string, string>; form: Record<string, string> }[] =
    clientSecret === ''
      ? [{ headers: {}, form: inBody }]
      : [
          { headers: { authorization: basicValue(clientId, clientSecret) }, form },
          { headers: {}, form: { ...inBody, client_secret: clientSecret } },
        ];
  let status = 0;
  for (const { headers, form: fields } of attempts) {
    const response = await send(exchange, {
      method: 'POST',
      url: endpoint,
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
    if (response.status === 200 && isJsonObject(response.body)) return response.body;
    status = response.status;
    if (status !== 400 && status !== 401) break;
  }
  throw new OidcError(
    `cannot renew the id-token: ${endpoint} answered ${status}; log in again if the refresh-token has expired`,
  );
}

/** Source: RFC 6749 §2.3.1: both halves are form-encoded first. */
function basicValue(clientId: string, clientSecret: string): string {
  return `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`;
}

async function send(
  { fetchJson, options }: Exchange,
  request: Pick<FetchJsonRequest, 'method' | 'url' | 'headers' | 'body'>,
): Promise<FetchJsonResponse> {
  const { certificateAuthority } = options;
  try {
    return await fetchJson({
      ...request,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
      timeoutMs: oidcTimeoutMs,
      responseBytesMax: oidcResponseBytesMax,
    });
  } catch (error) {
    const reason = messageOf(error);
    throw new OidcError(`cannot renew the id-token: cannot reach ${request.url}: ${reason}`, {
      cause: error,
    });
  }
}

/** When a token expires, by its own word; the server is the one to verify it. RFC 7519 §4.1.4. */
function expiryOfToken(token: string): number | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    const expires = isJsonObject(claims) ? claims['exp'] : undefined;
    return typeof expires === 'number' ? expires * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: string | Secret | undefined): string {
  return value instanceof Secret ? value.reveal() : (value ?? '');
}
