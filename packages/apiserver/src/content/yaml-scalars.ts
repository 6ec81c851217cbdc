import type { ScalarTag, Tags } from 'yaml';

/**
 * What values of YAML 1.1 mean to Kubernetes when they are read. Types that it does not know stay the
 * text, list or map that they are.
 */
export function scalarsRead(tags: Tags): Tags {
  const known = scalarsWritten(tags).filter(
    (tag) => typeof tag === 'string' || !isForeign(tag.tag),
  );
  return [...known, binaryText];
}

/** Bytes are the text that they hold, which JSON has no other form for. */
const binaryText: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve(text, onError) {
    const base64 = text.replaceAll(/\s/g, '');
    const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(base64) && base64.length % 4 === 0;
    if (!isBase64) onError('!!binary value contains invalid base64 data');
    return Buffer.from(base64, 'base64').toString();
  },
};

function isForeign(tag: string): boolean {
  return /:(timestamp|omap|pairs|binary)$/.test(tag);
}

/**
 * The same when they are written, where text that others take for a time is quoted. A number has a
 * digit where it begins: else the `.` of managed fields and names such as `e5` would be numbers.
 */
export function scalarsWritten(tags: Tags): Tags {
  return tags.map((tag) =>
    typeof tag === 'string' || !('test' in tag) ? tag : withDigit(tag as ScalarTag),
  );
}

function withDigit(tag: ScalarTag): ScalarTag {
  const source = tag.test?.source ?? '';
  if (!tag.tag.endsWith(':float') || !source.startsWith(sign)) return tag;
  return { ...tag, test: new RegExp(`${sign}(?=\\.?[0-9])${source.slice(sign.length)}`) };
}

const sign = '^[-+]?';
