import { type RecordPlace, responseCodes } from './message-layout.ts';

/** What no answer is kept longer than, as with kubeadm. */
const keptSecondsMax = 30;

/** Types of records. The record of EDNS has something else in the place of a time to live. */
const authorityType = 6;
const optionType = 41;

/**
 * For how long an answer of another server may be kept; 0: not at all. Of one that there is nothing its record of
 * authority says it. Source: RFC 2308 5.
 */
export function secondsToKeep(message: Buffer, records: readonly RecordPlace[]): number {
  const code = message.readUInt16BE(2) & 0xf;
  if (code !== responseCodes.NOERROR && code !== responseCodes.NXDOMAIN) return 0;
  const answers = records.filter(({ section }) => section === 'answer');
  const isAbsence = code === responseCodes.NXDOMAIN || answers.length === 0;
  const authority = records.find(
    ({ section, type }) => section === 'authority' && type === authorityType,
  );
  if (!isAbsence) return Math.min(keptSecondsMax, ...answers.map(secondsOf));
  if (authority === undefined || authority.end - authority.ttlOffset < 6 + 20) return 0;
  const minimum = message.readUInt32BE(authority.end - 4);
  return Math.min(keptSecondsMax, minimum, ...answers.map(secondsOf), secondsOf(authority));

  function secondsOf({ ttlOffset }: RecordPlace): number {
    return message.readUInt32BE(ttlOffset);
  }
}

/** The same answer after some time. */
export function agedAnswer(
  message: Buffer,
  records: readonly RecordPlace[],
  ageSeconds: number,
): Buffer {
  const aged = Buffer.from(message);
  for (const { type, ttlOffset } of records) {
    if (type === optionType) continue;
    aged.writeUInt32BE(Math.max(0, aged.readUInt32BE(ttlOffset) - ageSeconds), ttlOffset);
  }
  return aged;
}
