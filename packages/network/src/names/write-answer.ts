import { type Answer, encode } from 'dns-packet';
import { answerBytesMax, headerBytes, type ResponseCode, responseCodes } from './message-layout.ts';
import type { Query } from './read-query.ts';

/** How the asker is connected: what does not fit over UDP it may ask again over TCP. */
export type Transport = 'udp' | 'tcp';

export interface WrittenAnswer {
  readonly code: ResponseCode;
  /** Whether it is the cluster that says so. */
  readonly isAuthoritative: boolean;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly additionals?: readonly Answer[];
}

const answerFlags = 0x80_00;
const authoritativeFlag = 0x04_00;
const truncatedFlag = 0x02_00;
const recursionFlag = 0x00_80;

/** Writes an answer to a query: as much of it as fits. Source: RFC 1035 4.1, RFC 6891, RFC 2181 9. */
export function writeAnswer(query: Query, answer: WrittenAnswer, transport: Transport): Buffer {
  const { answers = [], authorities = [], additionals = [] } = answer;
  const option = query.edns === undefined ? [] : [optionBytes(query, 0)];
  let room = roomFor(query, transport) - headerBytes - query.questionBytes.length;
  for (const { length } of option) room -= length;
  const sections = [answers, authorities, additionals].map((records) => {
    const fitting: Buffer[] = [];
    for (const each of records) {
      const bytes = recordBytes(query, each);
      if (bytes.length > room) break;
      room -= bytes.length;
      fitting.push(bytes);
    }
    return fitting;
  });
  const isWhole =
    sections[0]?.length === answers.length && sections[1]?.length === authorities.length;
  const flags =
    answerFlags |
    recursionFlag |
    query.flags |
    (answer.isAuthoritative ? authoritativeFlag : 0) |
    (isWhole ? 0 : truncatedFlag) |
    responseCodes[answer.code];
  const counts = sections.map(({ length }) => length);
  counts[2] = (counts[2] ?? 0) + option.length;
  return Buffer.concat([
    headerOf(query.id, flags, [1, ...counts]),
    query.questionBytes,
    ...sections.flat(),
    ...option,
  ]);
}

/** Says of a message that it is no query which is understood here. */
export function writeRefusal(id: number, code: ResponseCode): Buffer {
  return headerOf(id, answerFlags | responseCodes[code], [0, 0, 0, 0]);
}

/** Says that a later version of EDNS is not known here. Source: RFC 6891 6.1.3. */
export function writeBadVersion(query: Query): Buffer {
  const flags = answerFlags | query.flags;
  const header = headerOf(query.id, flags, [1, 0, 0, 1]);
  return Buffer.concat([header, query.questionBytes, optionBytes(query, 1)]);
}

/**
 * Writes what another server has answered to a query as the answer to it: as it is, or that it is too long.
 * The question comes back in the letters in which it was asked.
 */
export function relayAnswer(query: Query, message: Buffer, transport: Transport): Buffer {
  const { id, questionBytes } = query;
  if (message.length <= roomFor(query, transport)) {
    const answer = Buffer.from(message);
    answer.writeUInt16BE(id, 0);
    answer.set(questionBytes, headerBytes);
    return answer;
  }
  const option = query.edns === undefined ? [] : [optionBytes(query, 0)];
  const header = headerOf(id, message.readUInt16BE(2) | truncatedFlag, [1, 0, 0, option.length]);
  return Buffer.concat([header, questionBytes, ...option]);
}

/** How long an answer to a query may be. */
function roomFor({ edns }: Query, transport: Transport): number {
  if (transport === 'tcp') return answerBytesMax.tcp;
  return Math.min(edns?.answerBytesMax ?? answerBytesMax.plain, answerBytesMax.udp);
}

function headerOf(id: number, flags: number, counts: readonly number[]): Buffer {
  const header = Buffer.alloc(headerBytes);
  for (const [index, value] of [id, flags, ...counts].entries()) {
    header.writeUInt16BE(value, index * 2);
  }
  return header;
}

/** A name that is the question's refers to it. Source: RFC 1035 4.1.4. */
const questionName = Buffer.from([0xc0, headerBytes]);

function recordBytes(query: Query, record: Answer): Buffer {
  const isOwn = record.name === query.name;
  const alone = encode({ answers: [isOwn ? { ...record, name: '.' } : record] });
  const bytes = alone.subarray(headerBytes);
  return isOwn ? Buffer.concat([questionName, bytes.subarray(1)]) : bytes;
}

/** What a message says of EDNS. */
export function optionBytes({ edns }: Pick<Query, 'edns'>, extendedRcode: number): Buffer {
  const option: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: answerBytesMax.udp,
    extendedRcode,
    ednsVersion: 0,
    flags: edns?.wantsSignatures === true ? 0x80_00 : 0,
    flag_do: edns?.wantsSignatures === true,
    options: [],
  };
  return encode({ additionals: [option] }).subarray(headerBytes);
}
