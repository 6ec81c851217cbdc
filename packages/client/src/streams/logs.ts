import type { Client } from '../client.ts';
import type { CallOptions, NamespaceOption } from '../resource/call-options.ts';
import { pods } from '../resource/pods.ts';
import { objectPath } from '../resource/resource-path.ts';
import { decodeLines } from './decode-lines.ts';

/** Which lines of a log. Source: core/v1 PodLogOptions. */
export interface LogOptions extends CallOptions, NamespaceOption {
  /** Must be given when the pod has several. */
  readonly container?: string;
  /** Go on with what the container will still write. */
  readonly follow?: boolean;
  /** The log of the container before its last restart. */
  readonly previous?: boolean;
  /** So many lines from the end. */
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  /** Each line starts with its time. */
  readonly timestamps?: boolean;
  /** The server cuts the log here, perhaps within a line. */
  readonly limitBytes?: number;
  /** The server need not know who the kubelet is. */
  readonly insecureSkipTLSVerifyBackend?: boolean;
}

/** The lines of a container's log. Leaving the loop closes the connection. */
export async function* logs(
  client: Client,
  pod: string,
  options: LogOptions = {},
): AsyncGenerator<string, undefined> {
  yield* decodeLines(logBytes(client, pod, options));
}

/** A container's log to the byte. Leaving the loop closes the connection. */
export async function* logBytes(
  client: Client,
  pod: string,
  options: LogOptions = {},
): AsyncGenerator<Uint8Array, undefined> {
  const { namespace: _, signal, ...query } = options;
  const { body } = await client.request({
    path: objectPath(client, { kind: pods, name: pod, subresource: 'log' }, options),
    query,
    headers: { accept: '*/*' },
    ...(signal === undefined ? {} : { signal }),
  });
  if (body === undefined) return;
  if (body instanceof Uint8Array) yield body;
  else yield* body;
}
