import type { Clock, Logger, Random } from '@fairway/host';
import { type Asking, type NameServer, askByConnection, askByDatagram } from './ask-server.ts';
import { KeptAnswers } from './kept-answers.ts';
import {
  headerBytes,
  questionEnd,
  questionKey,
  recordPlaces,
  responseCodes,
} from './message-layout.ts';
import type { Query } from './read-query.ts';
import { optionBytes } from './write-answer.ts';

export interface ForwarderParts {
  /** Who knows other names, the first one first; asked each time, as a machine may change its network. */
  readonly upstreams: () => Promise<readonly NameServer[]>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Different questions that are on their way at once; more fail at once. */
const askedMax = 256;
/** Servers that are asked one after the other, as resolvers do, and how long each may take. */
const triesMax = 2;
const timeoutMs = 2_000;

type Question = Pick<Query, 'flags' | 'questionBytes' | 'edns'>;

/** Asks other servers what is not the cluster's to say. */
export class Forwarder {
  readonly #parts: ForwarderParts;
  readonly #signal: AbortSignal;
  readonly #kept = new KeptAnswers();
  readonly #asked = new Map<string, Promise<Buffer | undefined>>();
  /** That the servers are silent is told once, until one answers. */
  #isSilent = false;

  constructor(parts: ForwarderParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /**
   * The message of a server that answers a question, with an id of its own and perhaps the name in other
   * letters; undefined where none does.
   */
  ask(question: Question): Buffer | Promise<Buffer | undefined> {
    const key = keyOf(question);
    const kept = this.#kept.get(key, this.#parts.clock.elapsed());
    if (kept !== undefined) return kept;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    if (this.#asked.size >= askedMax) return Promise.resolve(undefined);
    const asking = this.#askServers(question, key).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asking);
    return asking;
  }

  async #askServers(question: Question, key: string): Promise<Buffer | undefined> {
    const { upstreams, clock, logger } = this.#parts;
    const servers = await upstreams().catch((error: unknown) => {
      logger.warn('the servers that know other names could not be found out', { error });
      return [];
    });
    const [first] = servers;
    // The only one is asked again: a datagram may get lost.
    const tried = servers.length === 1 && first !== undefined ? [first, first] : servers;
    let failure: Buffer | undefined;
    for (const server of tried.slice(0, triesMax)) {
      const answer = await this.#askServer(server, question);
      if (answer === undefined) continue;
      this.#isSilent = false;
      if (!isFailure(answer)) {
        this.#kept.put(key, answer, clock.elapsed());
        return answer;
      }
      failure = answer;
    }
    if (failure === undefined) this.#tellOfSilence(servers);
    return failure;
  }

  async #askServer(server: NameServer, question: Question): Promise<Buffer | undefined> {
    const query = queryBytes(question, this.#parts.random);
    const asking: Asking = {
      clock: this.#parts.clock,
      timeoutMs,
      signal: this.#signal,
      isAnswer: (message) => isAnswerTo(query, message),
    };
    const answer = await askByDatagram(server, query, asking);
    if (answer === undefined || (answer.readUInt16BE(2) & truncatedFlag) === 0) return answer;
    return askByConnection(server, query, asking);
  }

  #tellOfSilence(servers: readonly NameServer[]): void {
    if (this.#isSilent || this.#signal.aborted) return;
    this.#isSilent = true;
    const addresses = servers.map(({ address }) => address);
    this.#parts.logger.warn('no server answers for names outside of the cluster', { addresses });
  }
}

const truncatedFlag = 0x02_00;
const answerFlag = 0x80_00;
const opcodeBits = 0x78_00;

function keyOf({ flags, questionBytes, edns }: Question): string {
  const form = edns === undefined ? 'plain' : edns.wantsSignatures ? 'signed' : 'edns';
  return `${flags} ${form} ${questionKey(questionBytes)}`;
}

/** The question alone, whatever else its asker has said. */
function queryBytes({ flags, questionBytes, edns }: Question, random: Random): Buffer {
  const option = edns === undefined ? [] : [optionBytes({ edns }, 0)];
  const header = Buffer.alloc(headerBytes);
  header.set(random.bytes(2));
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(option.length, 10);
  return Buffer.concat([header, questionBytes, ...option]);
}

function isAnswerTo(query: Buffer, message: Buffer): boolean {
  if (message.length < headerBytes || message.readUInt16BE(0) !== query.readUInt16BE(0)) {
    return false;
  }
  const flags = message.readUInt16BE(2);
  if ((flags & answerFlag) === 0 || (flags & opcodeBits) !== 0) return false;
  const end = questionEnd(message);
  if (end === undefined || message.readUInt16BE(4) !== 1) return false;
  const asked = query.subarray(headerBytes, questionEnd(query));
  const isSame = questionKey(message.subarray(headerBytes, end)) === questionKey(asked);
  return isSame && recordPlaces(message) !== undefined;
}

function isFailure(answer: Buffer): boolean {
  const code = answer.readUInt16BE(2) & 0xf;
  return code !== responseCodes.NOERROR && code !== responseCodes.NXDOMAIN;
}
