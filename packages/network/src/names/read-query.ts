import { type DecodedPacket, decode } from 'dns-packet';
import { answerBytesMax, headerBytes, lowerCase, questionEnd } from './message-layout.ts';
import type { Question } from './answer-query.ts';

/** One question as it came over the wire. */
export interface Query extends Question {
  readonly id: number;
  /** Of the flags those that the asker may set: recursion desired, checking disabled. */
  readonly flags: number;
  /** Name, type and class as they came, upper and lower case: they go back with the answer. */
  readonly questionBytes: Buffer;
  readonly isInternet: boolean;
  /** Absent for an asker who does not know EDNS. */
  readonly edns?: { readonly answerBytesMax: number; readonly wantsSignatures: boolean };
}

export type QueryOutcome =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'refused'; readonly id: number; readonly code: 'FORMERR' | 'NOTIMP' }
  | { readonly kind: 'badVersion'; readonly query: Query }
  /** No query at all, so that two servers never answer each other. */
  | { readonly kind: 'ignored' };

const isAnswerFlag = 0x80_00;
const askersFlags = 0x01_10;

/** Reads a message of a DNS client; whatever it is, nothing is thrown. Source: RFC 1035 4.1, RFC 6891. */
export function readQuery(bytes: Buffer): QueryOutcome {
  if (bytes.length < headerBytes) return { kind: 'ignored' };
  const id = bytes.readUInt16BE(0);
  const flags = bytes.readUInt16BE(2);
  if ((flags & isAnswerFlag) !== 0) return { kind: 'ignored' };
  const refused = (code: 'FORMERR' | 'NOTIMP'): QueryOutcome => ({ kind: 'refused', id, code });
  if (((flags >> 11) & 0xf) !== 0) return refused('NOTIMP');
  const end = questionEnd(bytes);
  if (!hasPlausibleCounts(bytes) || end === undefined) return refused('FORMERR');
  const packet = decoded(bytes);
  const [question] = packet?.questions ?? [];
  if (packet === undefined || question === undefined) return refused('FORMERR');
  const options = (packet.additionals ?? []).filter((each) => each.type === 'OPT');
  const [option] = options;
  if (options.length > 1) return refused('FORMERR');
  const query: Query = {
    id,
    flags: flags & askersFlags,
    questionBytes: bytes.subarray(headerBytes, end),
    name: question.name === '.' ? '' : lowerCase(question.name),
    type: question.type,
    isInternet: question.class === 'IN',
    ...(option === undefined
      ? {}
      : {
          edns: {
            answerBytesMax: Math.max(answerBytesMax.plain, option.udpPayloadSize),
            wantsSignatures: option.flag_do,
          },
        }),
  };
  const isKnownVersion = option === undefined || option.ednsVersion === 0;
  return isKnownVersion ? { kind: 'query', query } : { kind: 'badVersion', query };
}

/** One question and perhaps what goes with it: others would only make work. */
function hasPlausibleCounts(bytes: Buffer): boolean {
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) =>
    bytes.readUInt16BE(at),
  );
  return questions === 1 && answers === 0 && authorities === 0 && (additionals ?? 0) <= 2;
}

function decoded(bytes: Buffer): DecodedPacket | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
