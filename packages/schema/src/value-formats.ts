import { isIPv4, isIPv6 } from 'node:net';
import { parseCidr } from '@fairway/protocol/nodejs';

const isUuid = (value: string): boolean =>
  /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value);

/**
 * Whether a string has a format that a custom resource's schema may ask for, by the format's name.
 * Formats that are not here are not checked.
 */
export const valueFormats: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['byte', isBase64],
  ['cidr', (value) => parseCidr(value) !== undefined],
  ['date', (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && isDay(value)],
  ['date-time', isDateTime],
  ['datetime', isDateTime],
  ['duration', isDuration],
  ['email', (value) => /^[^\s@<>]+@[^\s@<>]+$/.test(value)],
  ['hostname', isHostname],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  [
    'mac',
    (value) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(value),
  ],
  ['uri', isUri],
  ['uuid', isUuid],
  ['uuid3', (value) => isUuid(value) && value.replaceAll('-', '')[12] === '3'],
  ['uuid4', (value) => isUuid(value) && value.replaceAll('-', '')[12] === '4'],
  ['uuid5', (value) => isUuid(value) && value.replaceAll('-', '')[12] === '5'],
]);

/** Line breaks are allowed anywhere. */
function isBase64(value: string): boolean {
  const text = value.replaceAll(/[\r\n]/g, '');
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;
}

/** Without leap seconds, and with `T` only. Source: RFC 3339 §5.6, as kube-openapi, strfmt reads it. */
function isDateTime(value: string): boolean {
  const match =
    /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.exec(
      value,
    );
  return match?.[1] !== undefined && isDay(match[1]);
}

function isDay(value: string): boolean {
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** `1h30m`, `300ms`, and in words, `3 days`. Source: Go, time.ParseDuration; go-openapi, strfmt. */
function isDuration(value: string): boolean {
  const isOfGo = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(value);
  const unit =
    '(n|u|µ|m)?s(ec)?|nanos?(econds?)?|micros?(econds?)?|mill?is?(econds?)?|seconds?|m(in(utes?)?)?|h(r|ours?)?|d(ays?)?|w(eeks?|ks?)?';
  return isOfGo || new RegExp(`^\\d+\\s*(${unit})$`).test(value);
}

function isHostname(value: string): boolean {
  const label = '[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?';
  return value.length <= 255 && new RegExp(`^${label}(\\.${label})*\\.?$`).test(value);
}

function isUri(value: string): boolean {
  return value.startsWith('/') || URL.canParse(value);
}
