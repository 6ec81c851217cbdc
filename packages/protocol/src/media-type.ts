/** `application/json;as=Table;g=meta.k8s.io;v=v1`, taken apart. Source: RFC 9110, 8.3.1. */
export interface MediaType {
  /** `application/json`, in lower case; in an Accept header also `application/*` or any type. */
  readonly type: string;
  /** Names in lower case; `q` is not among them. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a Content-Type; undefined when it is not one. */
export function parseMediaType(text: string): MediaType | undefined {
  const [type = '', ...rest] = splitOutsideQuotes(text, ';');
  const name = type.trim().toLowerCase();
  if (!mediaTypePattern.test(name)) return undefined;
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const at = part.indexOf('=');
    if (at === -1) continue;
    parameters.set(part.slice(0, at).trim().toLowerCase(), unquote(part.slice(at + 1).trim()));
  }
  return { type: name, parameters };
}

/**
 * Reads an Accept header: what the caller takes, best first. A part that makes no sense or has
 * quality 0 is left out; equal ones keep their order, wildcards after what is named.
 */
export function parseAccept(header: string): readonly MediaType[] {
  const ranked: { media: MediaType; quality: number; wildcards: number }[] = [];
  for (const part of splitOutsideQuotes(header, ',')) {
    const media = parseMediaType(part);
    if (media === undefined) continue;
    const parameters = new Map(media.parameters);
    parameters.delete('q');
    const quality = qualityOf(media.parameters.get('q'));
    const wildcards = media.type.split('/').filter((each) => each === '*').length;
    if (quality > 0) ranked.push({ media: { type: media.type, parameters }, quality, wildcards });
  }
  ranked.sort((left, right) => right.quality - left.quality || left.wildcards - right.wildcards);
  return ranked.map(({ media }) => media);
}

/**
 * Chooses what to answer with: the first thing the caller takes that `offered` has and that
 * `canServe`; undefined means 406. Without an Accept header it is the first of `offered`.
 *
 * `canServe` judges the parameters that a Kubernetes client asks with (`as`, `g`, `v`, `stream`),
 * so that `application/json;as=Table,application/json` falls back to the object itself.
 */
export function negotiateMediaType<Offer extends { readonly type: string }>(
  header: string | undefined,
  offered: readonly Offer[],
  canServe: (offer: Offer, parameters: MediaType['parameters']) => boolean = () => true,
): { readonly offer: Offer; readonly parameters: MediaType['parameters'] } | undefined {
  if (header === undefined || header === '') {
    const [offer] = offered;
    return offer === undefined ? undefined : { offer, parameters: new Map() };
  }
  for (const { type, parameters } of parseAccept(header)) {
    const offer = offered.find((each) => isCovered(each.type, type) && canServe(each, parameters));
    if (offer !== undefined) return { offer, parameters };
  }
  return undefined;
}

const mediaTypePattern = /^[!#$%&'*+.^_`|~0-9a-z@-]+\/[!#$%&'*+.^_`|~0-9a-z@-]+$/;

function isCovered(type: string, range: string): boolean {
  if (range === type || range === '*/*') return true;
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1));
}

function qualityOf(text: string | undefined): number {
  if (text === undefined) return 1;
  const quality = Number(text);
  return quality >= 0 && quality <= 1 ? quality : 1;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === '\\') at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquote(text: string): string {
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  return isQuoted ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
}
