import { type Authorizer, serviceAccountGroups, serviceAccountUsername } from '@fairway/access';
import {
  type AuthorizationCheck,
  type AuthorizationDecision,
  type Value,
  authorizerValue,
  requestResourceValue,
} from '@fairway/cel';
import {
  ApiError,
  type RequestTarget,
  type UserInfo,
  parseFieldSelector,
  parseLabelSelector,
} from '@fairway/protocol';
import type { AdmissionRequest } from '../admission-plugin.ts';

/**
 * What expressions about one request ask the authorizer, each question once for all of them. An authorizer
 * may need time, which an expression does not have: one whose question is open is evaluated again
 * when the answer is known.
 */
export class AuthorizerChecks {
  readonly #authorizer: Authorizer;
  readonly #user: UserInfo;
  readonly #answers = new Map<string, AuthorizationDecision>();
  /** The value of `authorizer`. */
  readonly authorizer: Value;
  /** The value of `authorizer.requestResource`. */
  readonly requestResource: Value;

  constructor(authorizer: Authorizer, request: AdmissionRequest) {
    this.#authorizer = authorizer;
    this.#user = request.user;
    const { resource, subresource, namespace, name } = request;
    const { group, plural } = resource;
    this.authorizer = authorizerValue(this.#decide);
    this.requestResource = requestResourceValue(this.#decide, {
      group,
      resource: plural,
      subresource,
      namespace,
      name,
    });
  }

  /** Runs an evaluation until all that it asks is answered. It must have no other effects. */
  async answering<Outcome>(evaluate: () => Outcome): Promise<Outcome> {
    for (;;) {
      try {
        return evaluate();
      } catch (error) {
        if (!(error instanceof OpenCheck)) throw error;
        this.#answers.set(error.key, await this.#ask(error.check));
      }
    }
  }

  readonly #decide = (check: AuthorizationCheck): AuthorizationDecision => {
    const key = JSON.stringify(check);
    const answer = this.#answers.get(key);
    if (answer === undefined) throw new OpenCheck(key, check);
    return answer;
  };

  async #ask(check: AuthorizationCheck): Promise<AuthorizationDecision> {
    const { serviceAccount } = check;
    const user =
      serviceAccount === undefined
        ? this.#user
        : {
            username: serviceAccountUsername(serviceAccount),
            groups: serviceAccountGroups(serviceAccount.namespace),
          };
    const decision = await this.#authorizer({ user, target: targetOf(check) });
    const { kind, reason, evaluationError = '' } = decision;
    return { isAllowed: kind === 'allow', reason, error: evaluationError };
  }
}

class OpenCheck extends Error {
  readonly key: string;
  readonly check: AuthorizationCheck;

  constructor(key: string, check: AuthorizationCheck) {
    super('the authorizer has not been asked yet');
    this.key = key;
    this.check = check;
  }
}

function targetOf(check: AuthorizationCheck): RequestTarget {
  const { verb, path, group, resource, subresource, namespace, name } = check;
  if (path !== '') return { isResource: false, verb, path };
  return {
    isResource: true,
    verb,
    group,
    version: '*',
    plural: resource,
    subresource,
    namespace,
    name,
    rest: '',
    ...selectorsOf(check),
  };
}

/** Without a selector that cannot be read more is asked for, so that nothing is allowed by it. */
function selectorsOf({ fieldSelector, labelSelector }: AuthorizationCheck) {
  const fields = unlessMalformed(() => parseFieldSelector(fieldSelector)) ?? [];
  const labels = unlessMalformed(() => parseLabelSelector(labelSelector)) ?? [];
  return {
    ...(fields.length > 0 && { fieldSelector: fields }),
    ...(labels.length > 0 && { labelSelector: labels }),
  };
}

function unlessMalformed<Selector>(read: () => Selector): Selector | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
