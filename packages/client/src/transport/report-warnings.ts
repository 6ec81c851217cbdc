import type { Handler } from '@fairway/protocol';

/** Hands the warnings of the server (deprecated versions, doubtful fields) to `onWarning`. */
export function reportWarnings(onWarning: (text: string) => void, next: Handler): Handler {
  return async (request) => {
    const response = await next(request);
    const { warning } = response.headers;
    if (warning !== undefined) for (const text of parseWarnings(warning)) onWarning(text);
    return response;
  };
}

/** The texts of Warning headers with code 299. Source: RFC 7234 §5.5. */
export function parseWarnings(header: string | readonly string[]): readonly string[] {
  const lines = typeof header === 'string' ? [header] : header;
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:^|,)\s*299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) =>
      quoted.replaceAll(/\\(.)/g, '$1'),
    ),
  );
}
