import { giveWay } from '@fairway/host';
import { type HttpBody, collectBody } from '@fairway/protocol';

/** All of a request's body; what reads it may be long work, and has a turn's time before it. */
export async function collectInTurn(body: HttpBody): Promise<Uint8Array> {
  const bytes = await collectBody(body);
  await giveWay();
  return bytes;
}
