import {
  type AuthorizationMode,
  type Authorizer,
  type RbacAuthorizer,
  alwaysAllow,
  alwaysDeny,
  firstAuthorizer,
  firstMode,
  nodeAuthorizer,
  privilegedGroupAuthorizer,
  rbacAuthorizer,
} from '@fairway/access';
import type { Clock, Logger } from '@fairway/host';
import type { Store } from '@fairway/store';
import { nodeRules } from './bootstrap/rbac-objects.ts';
import { PolicySource, policyRange } from './policy-source.ts';
import { NodeNeeds } from './reads/node-needs.ts';
import type { ResourceRegistry } from './registry/resource-registry.ts';
import { followRanges } from './storage/follow-range.ts';

/** A mode that the server has by itself, or one that is brought: a webhook, say. */
export type AuthorizerChoice = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny' | AuthorizationMode;

/** As a cluster of kubeadm has it. */
const defaultChoices: readonly AuthorizerChoice[] = ['Node', 'RBAC'];

/**
 * Who may do what on this server, by what its store holds: roles and bindings, and what nodes need.
 * Members of `system:masters` may do everything, whatever is chosen.
 */
export class ServerAuthorization {
  readonly #policies = new PolicySource();
  readonly #needs = new NodeNeeds();
  readonly #choose: () => readonly AuthorizerChoice[];
  #chosen: readonly AuthorizerChoice[] = [];
  #modes: AuthorizationMode = firstMode([]);

  readonly rbac: RbacAuthorizer = rbacAuthorizer(this.#policies.current);
  readonly authorizer: Authorizer = firstAuthorizer([
    privilegedGroupAuthorizer,
    (attributes) => this.#current().authorize(attributes),
  ]);
  readonly rulesFor: AuthorizationMode['rulesFor'] = (user, namespace) =>
    this.#current().rulesFor(user, namespace);

  /** `choose` is asked at each decision, and answers the same list while nothing has changed. */
  constructor(choose: () => readonly AuthorizerChoice[] = () => defaultChoices) {
    this.#choose = choose;
  }

  /** Resolves when it knows all that the store holds; `ended` when it follows no more. */
  async follow(
    source: { readonly store: Store; readonly clock: Clock; readonly logger: Logger } & {
      readonly registry: ResourceRegistry;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly ended: Promise<void> }> {
    const all = [
      { range: policyRange, follower: this.#policies },
      ...this.#needs.followed(source.registry),
    ];
    return followRanges(all, source);
  }

  #current(): AuthorizationMode {
    const chosen = this.#choose();
    if (chosen !== this.#chosen) {
      this.#chosen = chosen;
      this.#modes = firstMode(chosen.map((choice) => this.#modeOf(choice)));
    }
    return this.#modes;
  }

  #modeOf(choice: AuthorizerChoice): AuthorizationMode {
    switch (choice) {
      case 'Node':
        return nodeAuthorizer({ isNeeded: this.#needs.isNeeded, rules: nodeRules() });
      case 'RBAC':
        return this.rbac;
      case 'AlwaysAllow':
        return alwaysAllow;
      case 'AlwaysDeny':
        return alwaysDeny;
      default:
        return choice;
    }
  }
}
