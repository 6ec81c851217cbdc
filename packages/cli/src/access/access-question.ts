import { type Client, type DiscoveredResource, createDiscovery } from '@fairway/client';
import type { RequestTarget } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

/** What a user asks about, as far as words can say it. */
export interface AccessWords {
  readonly verb: string;
  /** `pods`, `deploy.apps/web`, `*`, or a path: `/healthz`. */
  readonly what: string;
  readonly subresource: string;
  /** Empty: in all of them. */
  readonly namespace: string;
}

export interface AccessQuestion {
  readonly target: RequestTarget;
  /** Absent where the server has no such resource. */
  readonly resource?: DiscoveredResource;
  /** What looks like a mistake, and is asked all the same. */
  readonly warnings: readonly QuestionWarning[];
}

export interface QuestionWarning {
  readonly about: 'type' | 'scope' | 'verb';
  readonly text: string;
}

/**
 * Finds out what the words of `can-i` and `who-can` mean on a server, short names too.
 *
 * Errors: `CommandError` for a subresource of a path.
 */
export async function readQuestion(client: Client, words: AccessWords): Promise<AccessQuestion> {
  const { verb, what, subresource } = words;
  if (what.startsWith('/')) {
    if (subresource !== '') {
      throw new CommandError('--subresource can not be used with NonResourceURL');
    }
    const warnings = pathVerbs.has(verb) ? [] : [unknownVerb(verb)];
    return { target: { isResource: false, verb, path: what }, warnings };
  }
  const slash = what.indexOf('/');
  const type = slash < 0 ? what : what.slice(0, slash);
  const name = slash < 0 ? '' : what.slice(slash + 1);
  const discovery = createDiscovery(client);
  const resource = type === '*' ? undefined : await discovery.find(type.toLowerCase());
  const { group = '', plural = type } = resource ?? {};
  const place = { subresource, namespace: words.namespace, name, rest: '' };
  return {
    target: { isResource: true, verb, group, version: '*', plural, ...place },
    ...(resource === undefined ? {} : { resource }),
    warnings: warningsOf(words, type, resource),
  };
}

function warningsOf(
  { verb, namespace }: AccessWords,
  type: string,
  resource: DiscoveredResource | undefined,
): readonly QuestionWarning[] {
  const warnings: QuestionWarning[] = [];
  if (resource === undefined && !undiscovered.has(type)) {
    const [plural = '', ...group] = type.toLowerCase().split('.');
    const place = group.length === 0 ? '' : ` in group '${group.join('.')}'`;
    const text = `the server doesn't have a resource type '${plural}'${place}`;
    warnings.push({ about: 'type', text });
  }
  if (namespace === '') return warnings;
  if (resource?.isNamespaced === false) {
    const place = resource.group === '' ? '' : ` in group '${resource.group}'`;
    const text = `resource '${resource.plural}' is not namespace scoped${place}`;
    warnings.push({ about: 'scope', text });
  }
  if (!resourceVerbs.has(verb)) warnings.push(unknownVerb(verb));
  return warnings;
}

function unknownVerb(verb: string): QuestionWarning {
  return { about: 'verb', text: `verb '${verb}' is not a known verb` };
}

/** What roles name and no server says that it has. */
const undiscovered = new Set(['*', 'users', 'groups']);

const resourceVerbs = new Set([
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'impersonate',
  '*',
  'approve',
  'sign',
  'escalate',
  'attest',
]);

const pathVerbs = new Set(['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*']);
