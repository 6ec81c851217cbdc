import { ConnectionError } from '@fairway/client';
import { type JsonObject, headerOf, isJsonObject } from '@fairway/protocol';
import type { FirstAnswer } from '../first-answer.ts';
import { setCluster } from '../config-command.ts';
import { type Facts, type Finding, step } from '../step.ts';
import { withoutRemedy } from '../without-remedy.ts';

/** Whether what answers is a Kubernetes API, by what it says to `/version`. */
export const apiStep = step({
  name: 'api',
  exitCode: 16,
  needs: ['target', 'access', 'firstAnswer'],
  async probe(tools, facts) {
    const { target, firstAnswer } = facts;
    const tried = `GET ${target.server}/version`;
    const elsewhere = setCluster(tools, facts, ['server', 'https://HOST:PORT']);
    if (firstAnswer instanceof ConnectionError) {
      return { finding: { status: 'failed', tried, ...explain(firstAnswer, elsewhere) } };
    }
    const { serverTime } = firstAnswer;
    const outcome = recognize(firstAnswer, elsewhere);
    const time: Facts = serverTime === undefined ? {} : { serverTime };
    const { status } = firstAnswer;
    const finding: Finding = { tried, ...outcome.finding, details: { status } };
    return { finding, facts: { ...outcome.facts, ...time } };
  },
});

type Recognized = { readonly finding: Omit<Finding, 'tried'>; readonly facts?: Facts };

function recognize(answer: FirstAnswer, elsewhere: string): Recognized {
  const { status } = answer;
  const body = parsed(answer.text);
  const version = status === 200 && body !== undefined ? versionOf(body) : undefined;
  if (version !== undefined) {
    return {
      finding: { status: 'ok', found: version.gitVersion },
      facts: { version, isApi: true },
    };
  }
  if (body?.['kind'] === 'Status') return recognizeStatus(status, body);
  const failed = (found: string, ...remedies: readonly string[]): Recognized => ({
    finding: { status: 'failed', found, remedies },
  });
  const location = headerOf(answer.headers, 'location');
  if (status >= 300 && status < 400 && location !== undefined) {
    const found = `no Kubernetes API: the answer is ${status} and leads on to ${placeOf(location)}, as a login page does`;
    return failed(
      found,
      'log in there with a browser, or reach the server without what is in between',
      elsewhere,
    );
  }
  if (status === 502 || status === 503 || status === 504) {
    const found = `a proxy or load balancer answers ${status} for the server: it has none behind it, or none that runs`;
    return failed(found, 'check that the API server runs behind the load balancer', elsewhere);
  }
  const title = /<title[^>]*>([^<]*)/i.exec(answer.text)?.[1]?.trim();
  const isPage = /^\s*<(!doctype|html)/i.test(answer.text) || title !== undefined;
  const what = isPage
    ? `a page of HTML${title === undefined ? '' : ` (${JSON.stringify(shortened(title))})`}`
    : 'something else';
  const found = `no Kubernetes API: ${status}, and ${what}; a proxy or another server answers at this address`;
  return failed(found, elsewhere);
}

/** A refusal in the words of the API comes from one. */
function recognizeStatus(status: number, { message, code }: JsonObject): Recognized {
  const text = typeof message === 'string' ? shortened(message) : '';
  if (status === 401 || status === 403) {
    const found = `a Kubernetes API, which does not tell us its version (${status}: ${text})`;
    return { finding: { status: 'ok', found }, facts: { isApi: true } };
  }
  const found = `a Kubernetes API that is not well: ${String(code ?? status)} ${text}`;
  const remedies = ['`fairway get --raw /readyz?verbose`, once it answers'];
  return { finding: { status: 'failed', found, remedies } };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function versionOf({ gitVersion, major, minor }: JsonObject): Facts['version'] {
  if (typeof gitVersion !== 'string' || major !== '1' || typeof minor !== 'string')
    return undefined;
  // Some vendors write `30+`.
  return { gitVersion, minor: Number.parseInt(minor, 10) };
}

function explain(
  error: ConnectionError,
  elsewhere: string,
): Pick<Finding, 'found' | 'remedies' | 'details'> {
  const { problem, remedy } = error;
  const details = { problem };
  const found = withoutRemedy(error);
  switch (problem) {
    case 'reset':
      return {
        found: `the server accepts connections and closes them before it answers (${found})`,
        remedies: ['check that the API server runs behind this address', elsewhere],
        details,
      };
    case 'timeout':
      return {
        found: `the server accepts connections and does not answer (${found})`,
        remedies: ['check that the API server runs behind this address', elsewhere],
        details,
      };
    case 'malformed-answer':
      return { found: `no Kubernetes API: ${found}`, remedies: [elsewhere], details };
    default:
      return { found, remedies: [remedy === '' ? elsewhere : remedy], details };
  }
}

/** Without its query, which may hold what proves who somebody is. */
function placeOf(location: string): string {
  return shortened(location.replace(/[?#].*$/s, ''));
}

/** Others may have much to say. */
function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
