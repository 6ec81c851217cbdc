import { type HttpHeaders, headerOf } from '@fairway/protocol';

/** The host that a request names, in lower case, and its port as it is written. */
export interface RequestHost {
  readonly name: string;
  readonly port: string | undefined;
}

/** Reads the header `Host`; empty where there is none. Undefined: it is no name and no address. */
export function requestHost(headers: HttpHeaders): RequestHost | undefined {
  const text = headerOf(headers, 'host') ?? '';
  const [whole, name = '', port] = shape.exec(text.toLowerCase()) ?? [];
  if (whole === undefined) return undefined;
  return { name: name.endsWith('.') ? name.slice(0, -1) : name, port };
}

const shape = /^([a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;
