import type { Client } from '@fairway/client';
import { SelfSubjectRulesReview } from '@fairway/kinds/authorization/v1';
import { readQuestion } from '../../access/access-question.ts';
import { askAccess } from '../../access/ask-access.ts';
import { type NeededRule, grantLine, neededRule } from '../needed-rule.ts';
import { type Finding, type KnownUser, type Tools, type Wish, step } from '../step.ts';

/** What the caller may do: what was asked about, else whether it is anything at all. */
export const rightsStep = step({
  name: 'rights',
  exitCode: 20,
  needs: ['access', 'user'],
  async probe(tools, { access: { client }, user }) {
    const { wishes, signal } = tools;
    if (wishes.length === 0) return { finding: await anyRights(client, signal) };
    const answers: Answer[] = [];
    for (const wish of wishes) answers.push(await ask(client, wish, tools));
    return { finding: judge(answers, user) };
  },
});

interface Answer {
  readonly wish: Wish;
  readonly rule: NeededRule;
  readonly isAllowed: boolean;
  /** What the server says to it. */
  readonly notes: readonly string[];
}

async function ask(client: Client, wish: Wish, { signal }: Tools): Promise<Answer> {
  const question = await readQuestion(client, { ...wish, namespace: client.namespace });
  const status = await askAccess(client, question.target, signal);
  const said = [
    ...question.warnings.map(({ text }) => text),
    status?.reason,
    status?.evaluationError,
  ];
  const notes = said.filter((each): each is string => each !== undefined && each !== '');
  return { wish, rule: neededRule(question), isAllowed: status?.allowed === true, notes };
}

function judge(answers: readonly Answer[], user: KnownUser): Finding {
  const tried = 'a SelfSubjectAccessReview of each --can';
  const found = answers.map(({ wish, rule, isAllowed, notes }) => {
    const place = rule.namespace === undefined ? 'everywhere' : `in ${rule.namespace}`;
    const why = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
    return `${isAllowed ? 'yes' : 'no'}: ${wish.verb} ${wish.what} ${place}${isAllowed ? '' : why}`;
  });
  const refused = answers.filter(({ isAllowed }) => !isAllowed);
  if (refused.length === 0) return { status: 'ok', tried, found: found.join('; ') };
  const rules = refused.map(({ rule }) => rule);
  const remedies = rules.map((rule) => grantLine(rule, user));
  return { status: 'failed', tried, found: found.join('; '), remedies, details: { rules } };
}

/** Rights that everybody has who is known: to ask about oneself, and what discovery needs. */
const reviews = /^(selfsubject|clustertrustbundles$)/;

async function anyRights(client: Client, signal: AbortSignal): Promise<Finding> {
  const { namespace } = client;
  const tried = `a SelfSubjectRulesReview of namespace ${namespace}`;
  const { status } = await client.create(
    SelfSubjectRulesReview,
    { spec: { namespace } },
    { signal },
  );
  const { incomplete } = status ?? {};
  // Go writes an empty list as null.
  const own = (status?.resourceRules ?? []).filter(
    ({ resources = [] }) => !resources.every((each) => reviews.test(each)),
  );
  const isIncomplete =
    incomplete === true ? ', and perhaps more: not every authorizer can list them' : '';
  if (own.length > 0 || incomplete === true) {
    const found = `${own.length} rules in namespace ${namespace}${isIncomplete}; ask for one with --can VERB RESOURCE`;
    return { status: 'ok', tried, found };
  }
  const found = `no right on any object in namespace ${namespace}`;
  const remedies = [
    'name another namespace with -n, or ask for a role: `fairway doctor --can get pods` says which',
  ];
  return { status: 'warning', tried, found, remedies };
}
