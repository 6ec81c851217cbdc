import { messageOf } from '@fairway/host';
import { type Handler, type HttpRequest, type HttpResponse, apiError } from '@fairway/protocol';

/** One thing that must be well. */
export interface HealthCheck {
  /** Part of a path: `ping`, `poststarthook/rbac/bootstrap-roles`. */
  readonly name: string;
  /** Undefined when all is well; otherwise what is wrong, for this server's log and `/NAME/CHECK`. */
  readonly check: (signal: AbortSignal) => Promise<string | undefined>;
  /** Whether callers of `/NAME` are told the reason of a failure; otherwise it is withheld. */
  readonly isToldToAll?: boolean;
  /** Answered at its own path, and not part of the whole. */
  readonly isAskedAlone?: boolean;
}

/** The three questions that load balancers and kubelets ask. */
export const healthNames = ['healthz', 'livez', 'readyz'] as const;

/** True for `/livez`, its two likes, and what is below them. */
export function isHealthPath(path: string): boolean {
  const [, first] = path.split('/', 2);
  return healthNames.some((name) => name === first);
}

export interface HealthOptions {
  /** The path that is answered, and its name in the text: `readyz`. */
  readonly name: (typeof healthNames)[number];
  /** In the order in which they are listed. Asked for each request, so that checks may come later. */
  readonly checks: () => readonly HealthCheck[];
}

/**
 * Answers `/readyz` and `/readyz/CHECK` in the text form that kubelets, load balancers and
 * `kubectl get --raw` know: `ok`, or with `?verbose` one line per check. `?exclude=CHECK` leaves one
 * out and may be repeated.
 *
 * Errors: `ApiError` NotFound for a check that does not exist.
 */
export function answerHealth({ name, checks }: HealthOptions): Handler {
  return async (request) => {
    const query = new URLSearchParams(request.query);
    const rest = request.path.slice(`/${name}`.length);
    if (rest === '' || rest === '/') {
      const counted = checks().filter((each) => each.isAskedAlone !== true);
      return await answerAll(name, counted, { request, query });
    }
    const check = checks().find((each) => rest === `/${each.name}`);
    if (check === undefined) {
      throw apiError('NotFound', 'the server could not find the requested resource');
    }
    const problem = await problemOf(check, request.signal);
    return problem === undefined
      ? text(200, 'ok')
      : text(500, `internal server error: ${problem}\n`);
  };
}

async function answerAll(
  name: string,
  checks: readonly HealthCheck[],
  { request, query }: { readonly request: HttpRequest; readonly query: URLSearchParams },
): Promise<HttpResponse> {
  const excluded = new Set(query.getAll('exclude').filter((each) => each !== ''));
  const outcomes = await Promise.all(
    checks.map(async (check) => {
      if (excluded.delete(check.name)) {
        return { line: `[+]${check.name} excluded: ok\n`, isWell: true };
      }
      const problem = await problemOf(check, request.signal);
      if (problem === undefined) return { line: `[+]${check.name} ok\n`, isWell: true };
      const reason = check.isToldToAll === true ? problem : 'reason withheld';
      return { line: `[-]${check.name} failed: ${reason}\n`, isWell: false };
    }),
  );
  const isWell = outcomes.every((outcome) => outcome.isWell);
  if (isWell && !query.has('verbose')) return text(200, 'ok');
  const lines = outcomes.map((outcome) => outcome.line);
  if (excluded.size > 0) {
    const names = [...excluded].map((each) => JSON.stringify(each)).join(', ');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}\n`);
  }
  lines.push(`${name} check ${isWell ? 'passed' : 'failed'}\n`);
  return text(isWell ? 200 : 500, lines.join(''));
}

async function problemOf(check: HealthCheck, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await check.check(signal);
  } catch (error) {
    return messageOf(error);
  }
}

function text(status: number, body: string): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache, private',
    },
    body: Buffer.from(body),
  };
}
