import type { Client } from '@fairway/client';
import { type Clock, timeLimit } from '@fairway/host';
import { collectBody } from '@fairway/protocol';
import { type Reading, parseReading } from './reading.ts';

/** How long a kubelet may take, and how much it may tell. */
const timeoutMs = 10_000;
const bodyBytesMax = 16 * 1024 * 1024;

/** Asks the kubelet of a node what is used there, through the API server. Throws when it does not answer. */
export async function readKubelet(
  { client, clock }: { readonly client: Client; readonly clock: Clock },
  node: string,
): Promise<Reading> {
  const late = (): Error =>
    new Error(`the kubelet of node ${node} gave no answer within ${timeoutMs} ms`);
  using limit = timeLimit(clock, timeoutMs, { late });
  const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/metrics/resource`;
  const { body } = await client.request({ path, signal: limit.signal });
  const tooLong = (): Error =>
    new Error(`the kubelet of node ${node} tells more than ${bodyBytesMax} bytes`);
  const bytes = await collectBody(body, { bytesMax: bodyBytesMax, tooLong });
  return parseReading(Buffer.from(bytes).toString(), clock.now());
}
