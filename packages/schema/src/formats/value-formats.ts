import { isIPv4, isIPv6 } from 'node:net';
import { checkDnsLabel, checkDnsSubdomain } from '@fairway/protocol';
import { parseCidr } from '@fairway/protocol/nodejs';
import { isEmail, isHostname, isRequestUri } from './address-formats.ts';
import { isCreditCard, isIsbn10, isIsbn13 } from './checked-numbers.ts';
import { isDate, isDateTime, isDuration } from './time-formats.ts';

type Check = (value: string) => boolean;

/** By the name without dashes: `date-time` and `datetime` are one. Source: kube-openapi, strfmt. */
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', (value) => /^[0-9a-fA-F]{24}$/.test(value)],
  ['byte', isBase64],
  ['cidr', (value) => parseCidr(value) !== undefined],
  ['creditcard', isCreditCard],
  ['date', isDate],
  ['datetime', isDateTime],
  ['duration', isDuration],
  ['email', isEmail],
  ['hexcolor', (value) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(value)],
  ['hostname', isHostname],
  ['ipv4', (value) => value.includes('.') && isAddress(value)],
  ['ipv6', (value) => value.includes(':') && isAddress(value)],
  ['isbn', (value) => isIsbn10(value) || isIsbn13(value)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['k8slongname', (value) => checkDnsSubdomain(value, { isPrefix: false }) === undefined],
  ['k8sshortname', (value) => checkDnsLabel(value, { isPrefix: false }) === undefined],
  ['mac', isMac],
  ['rgbcolor', isRgbColor],
  ['ssn', (value) => value.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(value)],
  ['uri', isRequestUri],
  ['uuid', (value) => uuid.test(value)],
  ['uuid3', (value) => uuid.test(value) && versionOf(value) === '3'],
  ['uuid4', (value) => uuid.test(value) && versionOf(value) === '4' && isOfVariant(value)],
  ['uuid5', (value) => uuid.test(value) && versionOf(value) === '5' && isOfVariant(value)],
]);

/** Formats that are known, and that any string has. */
const unchecked: ReadonlySet<string> = new Set(['password', 'quantity']);

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** Whether a schema of this type may ask for a format. What is not known is not asked for. */
export function isKnownFormat(format: string, type: unknown): boolean {
  if (type !== undefined && type !== '' && type !== 'string') {
    return numberFormats[String(type)]?.includes(format) ?? false;
  }
  const name = format.replaceAll('-', '');
  return checks.has(name) || unchecked.has(name);
}

/** Says whether a string has a format; undefined for formats that are not checked. */
export function formatCheck(format: string): Check | undefined {
  return checks.get(format.replaceAll('-', ''));
}

/** An empty one is none. */
function isBase64(value: string): boolean {
  return value.length > 0 && value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
}

/** Without a zone. */
function isAddress(value: string): boolean {
  return !value.includes('%') && (isIPv4(value) || isIPv6(value));
}

/** Of 6, 8 or 20 bytes. Source: Go, net.ParseMAC. */
function isMac(value: string): boolean {
  return (
    value.length <= 59 &&
    (/^[0-9a-f]{2}(?:(:|-)[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2}|(?:\1[0-9a-f]{2}){14})?$/i.test(
      value,
    ) ||
      /^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}(?:\.[0-9a-f]{4}|(?:\.[0-9a-f]{4}){7})?$/i.test(value))
  );
}

function isRgbColor(value: string): boolean {
  const parts = /^rgb\(([\d\s]*),([\d\s]*),([\d\s]*)\)$/.exec(value)?.slice(1) ?? [];
  return parts.length === 3 && parts.every((part) => isColorByte(part.trim()));
}

function isColorByte(text: string): boolean {
  return text.length <= 3 && /^(0|[1-9]\d*)$/.test(text) && Number(text) <= 255;
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

function versionOf(value: string): string | undefined {
  return value.replaceAll('-', '')[12];
}

function isOfVariant(value: string): boolean {
  return /^[89ab]/i.test(value.replaceAll('-', '').slice(16));
}
