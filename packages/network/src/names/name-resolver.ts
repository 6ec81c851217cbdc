import type { Logger } from '@fairway/host';
import { type Answer, decode, encode } from 'dns-packet';
import { type ZoneAnswer, answerQuery } from './answer-query.ts';
import type { ClusterZone } from './cluster-zone.ts';
import type { Forwarder } from './forwarder.ts';
import { headerBytes, isPlainName, responseCodes } from './message-layout.ts';
import { type Query, readQuery } from './read-query.ts';
import {
  type Transport,
  relayAnswer,
  writeAnswer,
  writeBadVersion,
  writeRefusal,
} from './write-answer.ts';

/** Answers that wait for other servers; what is more is answered with a failure at once. */
const waitingMax = 2_000;
/** Names for names that are followed in one answer. */
const aliasesMax = 8;

/** From the message of a client to the one that answers it: what the cluster says, or who else knows. */
export class NameResolver {
  readonly #zone: ClusterZone;
  readonly #forwarder: Pick<Forwarder, 'ask'>;
  readonly #logger: Logger;
  #waitingCount = 0;

  constructor(zone: ClusterZone, forwarder: Pick<Forwarder, 'ask'>, logger: Logger) {
    this.#zone = zone;
    this.#forwarder = forwarder;
    this.#logger = logger;
  }

  /** Undefined: nothing is to be answered. Throws nothing, whatever the message and the cluster are. */
  answer(message: Buffer, transport: Transport): Buffer | undefined | Promise<Buffer> {
    const failed = (error: unknown): Buffer => {
      this.#logger.error('a question for a name could not be answered', { error });
      return writeRefusal(message.readUInt16BE(0), 'SERVFAIL');
    };
    try {
      const answer = this.#answer(message, transport);
      return answer instanceof Promise ? answer.catch(failed) : answer;
    } catch (error) {
      return failed(error);
    }
  }

  #answer(message: Buffer, transport: Transport): Buffer | undefined | Promise<Buffer> {
    const outcome = readQuery(message);
    switch (outcome.kind) {
      case 'ignored':
        return undefined;
      case 'refused':
        return writeRefusal(outcome.id, outcome.code);
      case 'badVersion':
        return writeBadVersion(outcome.query);
      default:
        return this.#answerQuery(outcome.query, transport);
    }
  }

  #answerQuery(query: Query, transport: Transport): Buffer | Promise<Buffer> {
    if (!query.isInternet || transfers.has(query.type)) {
      return writeAnswer(query, { code: 'REFUSED', isAuthoritative: false }, transport);
    }
    const own = answerQuery(this.#zone, query);
    if (own !== undefined && own.alias === undefined) {
      return writeAnswer(query, { ...inTurn(own, query.id), ...said(own) }, transport);
    }
    if (this.#waitingCount >= waitingMax) return failure(query, transport);
    if (own !== undefined) return this.#whileWaiting(this.#answerAlias(query, own, transport));
    const relayed = this.#forwarder.ask(query);
    if (Buffer.isBuffer(relayed)) return relayAnswer(query, relayed, transport);
    return this.#whileWaiting(
      relayed.then((answer) =>
        answer === undefined ? failure(query, transport) : relayAnswer(query, answer, transport),
      ),
    );
  }

  async #whileWaiting(answering: Promise<Buffer>): Promise<Buffer> {
    this.#waitingCount++;
    try {
      return await answering;
    } finally {
      this.#waitingCount--;
    }
  }

  /** Follows the name to which another one leads, in the cluster and beyond it. */
  async #answerAlias(query: Query, own: ZoneAnswer, transport: Transport): Promise<Buffer> {
    const answers = [...own.answers];
    let alias = own.alias;
    for (let followed = 0; alias !== undefined; followed++) {
      if (followed === aliasesMax) return failure(query, transport);
      const question = { name: alias, type: query.type };
      const next = answerQuery(this.#zone, question) ?? (await this.#elsewhere(query, alias));
      if (next === undefined) return failure(query, transport);
      answers.push(...next.answers);
      if (next.alias === undefined) {
        const { authorities, additionals } = next;
        return writeAnswer(query, { answers, authorities, additionals, ...said(next) }, transport);
      }
      alias = next.alias;
    }
    return failure(query, transport);
  }

  async #elsewhere(query: Query, name: string): Promise<ZoneAnswer | undefined> {
    const { flags } = query;
    const type = query.type as 'A';
    const questionBytes = encode({ questions: [{ name, type }] }).subarray(headerBytes);
    const message = await this.#forwarder.ask({ flags, questionBytes });
    return message === undefined ? undefined : readAnswer(message);
  }
}

/** Copies of a whole zone, which nobody gets. */
const transfers: ReadonlySet<string> = new Set(['AXFR', 'IXFR']);

function failure(query: Query, transport: Transport): Buffer {
  return writeAnswer(query, { code: 'SERVFAIL', isAuthoritative: false }, transport);
}

function said({ outcome }: ZoneAnswer): {
  readonly code: ZoneAnswer['outcome'];
  readonly isAuthoritative: true;
} {
  return { code: outcome, isAuthoritative: true };
}

/** Another record first each time, so that not everyone goes to the same place. */
function inTurn({ answers, ...rest }: ZoneAnswer, turn: number): ZoneAnswer {
  const first = answers.length === 0 ? 0 : turn % answers.length;
  return { ...rest, answers: [...answers.slice(first), ...answers.slice(0, first)] };
}

function isForAddresses(record: Answer): boolean {
  if (!isPlainName(record.name)) return false;
  const { type } = record;
  return type === 'A' || type === 'AAAA' || (type === 'CNAME' && isPlainName(record.data));
}

/** What another server says of a name's addresses. */
function readAnswer(message: Buffer): ZoneAnswer | undefined {
  const code = message.readUInt16BE(2) & 0xf;
  if (code !== responseCodes.NOERROR && code !== responseCodes.NXDOMAIN) return undefined;
  try {
    const answers = (decode(message).answers ?? []).filter(isForAddresses);
    const outcome = code === responseCodes.NOERROR ? 'NOERROR' : 'NXDOMAIN';
    return { outcome, answers, authorities: [], additionals: [] };
  } catch {
    return undefined;
  }
}
