import type { Clock } from '@fairway/host';
import {
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  apiError,
} from '@fairway/protocol';
import { ServerWebSocket, acceptUpgrade, webSocketAccept } from '@fairway/protocol/streams';

/** How long a caller may take to answer the goodbye of a watch that has ended. */
const goodbyeMs = 10_000;

/**
 * Sends the frames of a watch over a WebSocket, each as a message: text when they are JSON, binary when
 * they are protobuf. What the caller sends is read and ignored, and when it goes the watch ends.
 *
 * Errors: BadRequest `ApiError` for what is no handshake.
 * Source: RFC 6455; Kubernetes API concepts, "Efficient detection of changes".
 */
export function acceptWatch(
  request: HttpRequest,
  response: HttpResponse,
  clock: Clock,
): UpgradeAnswer {
  const accept = webSocketAccept(request.headers);
  if (accept === undefined) throw badHandshake('the WebSocket handshake is not version 13');
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-accept': accept,
    ...chosenProtocol(request),
    ...(response.headers['warning'] === undefined ? {} : { warning: response.headers['warning'] }),
  };
  const isText = String(response.headers['content-type']).startsWith('application/json');
  const messagesOf = isText ? lines : sizedFrames;
  return acceptUpgrade(headers, async (stream) => {
    const socket = new ServerWebSocket(stream);
    const frames = framesOf(response);
    const reading = ignoreMessages(socket).finally(() => void frames.return?.());
    for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
      for (const message of messagesOf(next.value)) {
        await socket.send(message, isText ? 'text' : 'binary');
      }
    }
    await socket.close();
    const overdue = clock.schedule(goodbyeMs, () => stream.destroy());
    await reading;
    overdue.cancel();
  });
}

/** Whoever offers one protocol gets it, as its name means nothing here; several cannot be chosen from. */
function chosenProtocol({ headers }: HttpRequest): { readonly 'sec-websocket-protocol'?: string } {
  const offered = [headers['sec-websocket-protocol'] ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (offered.length > 1) {
    throw badHandshake('a watch has no subprotocols to choose from: offer one at most');
  }
  const [only] = offered;
  return only === undefined ? {} : { 'sec-websocket-protocol': only };
}

function badHandshake(why: string): Error {
  return apiError('BadRequest', why);
}

/** Iterated by hand, because the caller's goodbye ends a wait for the next frame. */
function framesOf({ body }: HttpResponse): AsyncIterator<Uint8Array> {
  if (body === undefined || body instanceof Uint8Array) throw new Error('a watch is a stream');
  return body[Symbol.asyncIterator]();
}

async function ignoreMessages(socket: ServerWebSocket): Promise<void> {
  try {
    for await (const _ of socket.messages());
  } catch {
    // A caller that breaks off, or the protocol, has left as well.
  }
}

/** The lines of JSON, of which a chunk of a watch holds several. */
function* lines(chunk: Uint8Array): Iterable<Uint8Array> {
  for (let from = 0; from < chunk.length;) {
    const end = chunk.indexOf(newline, from);
    const to = end < 0 ? chunk.length : end + 1;
    yield chunk.subarray(from, to);
    from = to;
  }
}

const newline = 0x0a;

/** Frames of protobuf without the length before each, which a message of its own does not need. */
function* sizedFrames(chunk: Uint8Array): Iterable<Uint8Array> {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  for (let from = 0; from < chunk.length;) {
    const to = from + 4 + view.getUint32(from);
    yield chunk.subarray(from + 4, to);
    from = to;
  }
}
