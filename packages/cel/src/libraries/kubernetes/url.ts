import { type Library, declare, member, overload } from '../../declarations.ts';
import { boolType, listType, mapType, opaqueType, stringType, typeType } from '../../type.ts';
import { MapBuilder } from '../../values/literal-map.ts';
import { Failure, OpaqueValue, type Result, TypeValue, type Value } from '../../values/value.ts';
import { type ParsedUrl, parseRequestUrl, queryValues } from './parse-url.ts';

class UrlValue extends OpaqueValue {
  readonly text: string;
  readonly parts: ParsedUrl;
  #query: Value | undefined;

  constructor(text: string, parts: ParsedUrl) {
    super();
    this.text = text;
    this.parts = parts;
  }

  get typeName(): string {
    return 'kubernetes.URL';
  }

  /** Read once: a call costs the same however long it is. */
  get query(): Value {
    return (this.#query ??= readQuery(this.parts.query));
  }

  equals(other: Value): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}

const urlType = opaqueType('kubernetes.URL');

function parse(text: string): Result {
  const parsed = parseRequestUrl(text);
  if (typeof parsed !== 'string') return new UrlValue(text, parsed);
  return new Failure(`URL parse error during conversion from string: ${parsed}`);
}

/** Without its port and without brackets. */
function hostname({ parts: { host } }: UrlValue): string {
  const name = host.replace(/:\d*$/, '');
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

function port({ parts: { host } }: UrlValue): string {
  return /:(\d*)$/.exec(host)?.[1] ?? '';
}

function readQuery(query: string): Value {
  const builder = new MapBuilder();
  for (const [key, values] of queryValues(query)) builder.add(key, values);
  return builder.build();
}

/** Source: Kubernetes, cel/library/urls.go. */
export const urlLibrary: Library = {
  functions: [
    declare('url', overload('string_to_url', [stringType], urlType, parse)),
    declare(
      'isURL',
      overload(
        'is_url_string',
        [stringType],
        boolType,
        (text: string) => typeof parseRequestUrl(text) !== 'string',
      ),
    ),
    declare(
      'getScheme',
      member('url_get_scheme', [urlType], stringType, ({ parts }: UrlValue) => parts.scheme),
    ),
    declare(
      'getHost',
      member('url_get_host', [urlType], stringType, ({ parts }: UrlValue) => parts.host),
    ),
    declare('getHostname', member('url_get_hostname', [urlType], stringType, hostname)),
    declare('getPort', member('url_get_port', [urlType], stringType, port)),
    declare(
      'getEscapedPath',
      member(
        'url_get_escaped_path',
        [urlType],
        stringType,
        ({ parts }: UrlValue) => parts.escapedPath,
      ),
    ),
    declare(
      'getQuery',
      member(
        'url_get_query',
        [urlType],
        mapType(stringType, listType(stringType)),
        ({ query }: UrlValue) => query,
      ),
    ),
  ],
  types: [
    { name: 'kubernetes.URL', type: typeType(urlType), value: new TypeValue('kubernetes.URL') },
  ],
};
