import type { StageField } from './stage-fields.ts';
import {
  type ContainerAction,
  type NodeAction,
  type Sourced,
  type Stage,
  type StageEvent,
  type StageNext,
  containerStates,
} from './stage.ts';

/** Reads what happens in a stage. Errors: `StageError`. */
export function parseNext(next: StageField, kind: Stage['kind']): StageNext {
  refuseKwoksOwn(next);
  const forPods = ['containers', 'fail', 'delete'] as const;
  next.allow('event', 'status', ...(kind === 'Pod' ? forPods : ['node']));
  const [event, fail] = [next.object('event'), next.object('fail')];
  const [containers, node] = [next.object('containers'), next.object('node')];
  const status = next.json('status');
  fail?.allow('reason', 'message');
  const parsed: StageNext = {
    ...(event === undefined ? {} : { event: parseEvent(event) }),
    ...(containers === undefined ? {} : { containers: parseContainers(containers) }),
    ...(node === undefined ? {} : { node: parseNode(node) }),
    ...(fail === undefined
      ? {}
      : { fail: { reason: need(fail, 'reason'), message: fail.text('message') ?? '' } }),
    ...(status === undefined ? {} : { status }),
    ...(next.isTrue('delete') ? { isDeleted: true } : {}),
  };
  if (Object.keys(parsed).length === 0) throw next.problem('is empty: nothing would happen');
  return parsed;
}

/** What stages of kwok have and these have not. */
function refuseKwoksOwn(next: StageField): void {
  if (next.has('statusTemplate') || next.has('patches')) {
    throw next.problem(
      'has a template, which is not run here: say what the containers do (containers: {state: Exited, exitCode: 1}), or which fields the status gets (status: {reason: Why})',
    );
  }
  if (!next.has('finalizers')) return;
  throw next.problem('has finalizers, which a node may not change: leave them to their owner');
}

function parseEvent(event: StageField): StageEvent {
  event.allow('type', 'reason', 'message');
  return {
    type: event.oneOf('type', ['Normal', 'Warning']) ?? 'Normal',
    reason: need(event, 'reason'),
    message: event.text('message') ?? '',
  };
}

function parseContainers(action: StageField): ContainerAction {
  const state = action.oneOf('state', containerStates);
  if (state === undefined) throw action.problem(`has no state: ${containerStates.join(', ')}`);
  const name = sourcedText(action, 'name');
  if (state !== 'Exited') {
    action.allow('state', 'name', 'nameFrom');
    return { state, name };
  }
  action.allow(
    'state',
    'name',
    'nameFrom',
    'exitCode',
    'exitCodeFrom',
    'reason',
    'reasonFrom',
    'message',
    'messageFrom',
  );
  const value = action.integer('exitCode');
  const from = action.path('exitCodeFrom');
  if (value === undefined) throw action.problem('has no exitCode: 0 is a success');
  if (value > 255) throw action.problem(`has exitCode ${value}: the highest is 255`);
  return {
    state,
    name,
    exitCode: { value, ...(from === undefined ? {} : { from }) },
    reason: sourcedText(action, 'reason'),
    message: sourcedText(action, 'message'),
  };
}

function parseNode(action: StageField): NodeAction {
  action.allow('state', 'reason', 'reasonFrom', 'message', 'messageFrom');
  const state = action.oneOf('state', ['Ready', 'NotReady']);
  if (state === undefined) throw action.problem('has no state: Ready, NotReady');
  return {
    isReady: state === 'Ready',
    reason: sourcedText(action, 'reason'),
    message: sourcedText(action, 'message'),
  };
}

function sourcedText(field: StageField, name: string): Sourced<string> {
  const from = field.path(`${name}From`);
  return { value: field.text(name) ?? '', ...(from === undefined ? {} : { from }) };
}

function need(field: StageField, name: string): string {
  const text = field.text(name) ?? '';
  if (text === '') throw field.problem(`has no ${name}`);
  return text;
}
