import { DisposalStack } from '@fairway/host';
import { type Answer, decode, encode } from 'dns-packet';
import type { NameServer } from '../src/names/ask-server.ts';
import { serveConnections } from '../src/names/serve-connections.ts';
import { serveDatagrams } from '../src/names/serve-datagrams.ts';
import type { Transport } from '../src/names/write-answer.ts';

/** A server on this machine that knows other names, over real sockets. */
export interface OtherServer extends AsyncDisposable {
  readonly address: NameServer;
  /** What it was asked: `udp A example.com`. */
  readonly asked: readonly string[];
  /** Resolves with the next question. */
  nextQuestion(): Promise<void>;
}

/** `answer`: the message that it sends to a question, perhaps of the wrong kind; undefined: none. */
export async function startOtherServer(
  answer: (query: Buffer, transport: Transport) => Buffer | undefined,
): Promise<OtherServer> {
  const asked: string[] = [];
  let heard = Promise.withResolvers<void>();
  const resolver = {
    answer(query: Buffer, transport: Transport): Buffer | undefined {
      const [question] = decode(query).questions ?? [];
      asked.push(`${transport} ${question?.type} ${question?.name}`);
      heard.resolve();
      heard = Promise.withResolvers();
      return answer(query, transport);
    },
  };
  await using opening = new DisposalStack();
  const connections = opening.use(
    await serveConnections(resolver, { address: '127.0.0.1', port: 0 }),
  );
  opening.use(await serveDatagrams(resolver, connections.address));
  const opened = opening.move();
  return {
    address: connections.address,
    asked,
    nextQuestion: () => heard.promise,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** An answer to a query: `flags` beside those of any answer, such as a code. */
export function answerTo(
  query: Buffer,
  records: { readonly answers?: Answer[]; readonly authorities?: Answer[] },
  flags = 0,
): Buffer {
  const { id, questions } = decode(query);
  return encode({ type: 'response', id, flags: 0x01_80 | flags, questions, ...records });
}
