import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectTls } from 'node:tls';
import type { Container, HTTPGetAction } from '@fairway/kinds/core/v1';
import { type DeepReadonly, hostPort, plainHost } from '@fairway/protocol';
import type { Reach } from './reach.ts';

/** What is read of an answer; the rest does not matter. */
const bodyBytesMax = 10_240;
const redirectsMax = 10;

export interface HttpGetOptions {
  readonly userAgent: string;
  readonly accept?: string;
  readonly signal: AbortSignal;
  readonly reach: Reach;
}

export interface HttpGetAnswer {
  readonly statusCode: number;
  /** Its beginning. */
  readonly body: string;
  /** It led to another host, where nobody went. */
  readonly isElsewhere: boolean;
}

/**
 * Asks a container by HTTP as a kubelet does: whoever it says it is, and on where it is told to go if that is
 * the same host.
 *
 * Source: core/v1 HTTPGetAction.
 */
export async function httpGet(
  action: DeepReadonly<HTTPGetAction>,
  { host, ports }: { readonly host: string; readonly ports: ContainerPorts },
  options: HttpGetOptions,
): Promise<HttpGetAnswer> {
  let url = urlOf(action, host, ports);
  const headers = headersOf(action, options);
  for (let redirects = 0; ; redirects++) {
    const answer = await ask(url, headers, options);
    const { location } = answer;
    const isRedirect = answer.statusCode >= 300 && answer.statusCode < 400;
    if (!isRedirect || location === undefined) return { ...answer, isElsewhere: false };
    if (redirects === redirectsMax) throw new Error(`stopped after ${redirectsMax} redirects`);
    const next = new URL(location, url);
    if (next.hostname !== url.hostname) return { ...answer, isElsewhere: true };
    url = next;
  }
}

type ContainerPorts = DeepReadonly<Container>['ports'];

/** The number of a port, which a container may have given a name. Errors: `RangeError` for one that there is not. */
export function portNumber(port: number | string, ports: ContainerPorts): number {
  const named = ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new RangeError(`couldn't find port: ${JSON.stringify(port)} in the container's ports`);
}

function urlOf(
  { scheme = 'HTTP', path = '/', host: named, port }: DeepReadonly<HTTPGetAction>,
  host: string,
  ports: ContainerPorts,
): URL {
  const name = named === undefined || named === '' ? host : named;
  const base = `${scheme.toLowerCase()}://${hostPort(name, portNumber(port, ports))}`;
  return new URL(`${base}${path.startsWith('/') ? '' : '/'}${path}`);
}

function headersOf(
  { httpHeaders = [] }: DeepReadonly<HTTPGetAction>,
  { userAgent, accept = '*/*' }: HttpGetOptions,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const { name, value } of httpHeaders) {
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : [before, value].flat();
  }
  // One without a value is one that shall not be sent.
  const usual = { 'user-agent': userAgent, accept, connection: 'close' };
  const all = { ...usual, ...headers };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

interface RawAnswer {
  readonly statusCode: number;
  readonly body: string;
  readonly location: string | undefined;
}

async function ask(
  url: URL,
  headers: Record<string, string | string[]>,
  { signal, reach }: Pick<HttpGetOptions, 'signal' | 'reach'>,
): Promise<RawAnswer> {
  const isSecure = url.protocol === 'https:';
  const usualPort = isSecure ? 443 : 80;
  const place = { host: plainHost(url.hostname), port: Number(url.port || usualPort) };
  const plain = await reach(place, signal);
  const socket = isSecure ? connectTls({ socket: plain, rejectUnauthorized: false }) : plain;
  return new Promise((resolve, reject) => {
    const options = { headers, signal, createConnection: () => socket };
    const request = isSecure ? requestHttps(url, options) : requestHttp(url, options);
    request.on('error', reject);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        const body = Buffer.concat(parts).subarray(0, bodyBytesMax).toString();
        resolve({
          statusCode: response.statusCode ?? 0,
          body,
          location: response.headers.location,
        });
        request.destroy();
      };
      response.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size >= bodyBytesMax) finish();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    request.end();
  });
}
