import {
  type AccessRule,
  type Fence,
  type ResourceNames,
  makeFence,
  parseAccessRule,
} from '@fairway/proxy';
import { CommandError } from '../command-error.ts';
import { attempt } from '../flag-values.ts';

/** The flags of `proxy` that say what callers may do. */
export interface FenceFlags {
  readonly readOnly?: boolean;
  readonly namespaceFence: readonly string[];
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface FlaggedFence {
  /** Undefined when no flag asks for one. */
  readonly fence: Fence | undefined;
  /** What may be a mistake. */
  readonly warnings: readonly string[];
}

/** The fence that flags ask for. Errors: `CommandError` that names the flag. */
export async function fenceOf(flags: FenceFlags): Promise<FlaggedFence> {
  const { readOnly: isReadOnly = false, namespaceFence: namespaces } = flags;
  const wrong = namespaces.find((each) => !/^[a-z0-9][-a-z0-9]*$/.test(each));
  if (wrong !== undefined) {
    throw new CommandError(
      `cannot use --namespace-fence: ${JSON.stringify(wrong)} is no name of a namespace; write names, separated by commas`,
    );
  }
  const hasRules = flags.allow.length + flags.deny.length > 0;
  const names = hasRules ? await builtInNames() : nothingKnown;
  const read = (flag: string, texts: readonly string[]): readonly AccessRule[] =>
    texts.map((text) => attempt(flag, () => parseAccessRule(text, names)));
  const [allow, deny] = [read('--allow', flags.allow), read('--deny', flags.deny)];
  return {
    fence: makeFence({ isReadOnly, namespaces, allow, deny }),
    warnings: [
      ...[...allow, ...deny].flatMap((rule) => warningOf(rule, names)),
      ...deny.flatMap(halfDenial),
    ],
  };
}

/** Who may list or watch objects sees all that is in them. */
function halfDenial({ text, subject, verbs }: AccessRule): readonly string[] {
  const isObject = subject.kind === 'resource' && subject.subresource === '';
  if (!isObject || verbs.includes('*') || !verbs.includes('get')) return [];
  const open = ['list', 'watch'].filter((verb) => !verbs.includes(verb));
  if (open.length === 0) return [];
  return [`--deny '${text}' hides nothing: ${open.join(' and ')} can show the same objects`];
}

function warningOf({ text, subject }: AccessRule, names: KnownNames): readonly string[] {
  if (subject.kind === 'path' || subject.plural === '*') return [];
  const { plural, group = '' } = subject;
  // A group of somebody's own has resources of its own.
  if (names.isPlural(plural) || (group !== '' && !names.isGroup(group))) return [];
  return [
    `'${text}' names ${plural}, which Kubernetes does not have: it counts for custom resources with exactly this plural name`,
  ];
}

interface KnownNames extends ResourceNames {
  isPlural(name: string): boolean;
  isGroup(name: string): boolean;
}

const nothingKnown: KnownNames = {
  pluralOf: () => undefined,
  hasSubresource: () => false,
  isPlural: () => false,
  isGroup: () => false,
};

/** Those of a release, so that nobody is asked before the proxy listens. */
async function builtInNames(): Promise<KnownNames> {
  const { builtInDiscovery } = await import('@fairway/kinds/discovery');
  const plurals = new Map<string, string>();
  const subresources = new Set<string>();
  const groups = new Set<string>();
  for (const { group, versions } of builtInDiscovery()) {
    groups.add(group);
    for (const resource of versions.flatMap((each) => each.resources)) {
      const { plural, singular, kind, shortNames } = resource;
      for (const name of [plural, singular, kind.toLowerCase(), ...shortNames]) {
        if (name !== '') plurals.set(name, plural);
      }
      for (const { name } of resource.subresources) subresources.add(`${plural}/${name}`);
    }
  }
  return {
    pluralOf: (name) => plurals.get(name),
    hasSubresource: (plural, name) => subresources.has(`${plural}/${name}`),
    isPlural: (name) => plurals.get(name) === name,
    isGroup: (name) => groups.has(name),
  };
}
