import type { NodeStatus } from '@fairway/kinds/core/v1';
import type { Node } from '@fairway/kinds/core/v1';
import { type DeepReadonly, type JsonObject, equalsJson } from '@fairway/protocol';
import type { EventText } from '@fairway/reconcile';
import type { ChoiceScene, StageChoice } from './choose-stage.ts';
import { type NodeVerdict, isAsPosted, readyVerdict } from '../node/node-conditions.ts';
import { mergeStatus } from './merge-status.ts';
import { playStages } from './play-stages.ts';
import { nodeStatus, verdictOf } from './simulated-node.ts';
import { sourcedText } from './sourced-values.ts';
import type { NodeAction, Stage, StageNext } from './stage.ts';

type AnyNode = DeepReadonly<Node>;

export interface NodeScene extends Pick<ChoiceScene, 'nowMs' | 'elapsedMs' | 'fraction'> {
  /** Those of nodes. */
  readonly stages: readonly Stage[];
  readonly networkIndex: number;
}

/** What is to be done about a node now. */
export interface NodeAdvance {
  /** What it posts about itself. */
  readonly status: NodeStatus;
  /** Something that others wait for is different, not only the time. */
  readonly isChanged: boolean;
  readonly events: readonly EventText[];
  readonly choice: StageChoice | undefined;
  /** When to look again even without a change, by the clock that does not jump. */
  readonly dueMs: number | undefined;
}

/** Takes a node as far as it gets at this moment. */
export function advanceNode(
  node: AnyNode,
  before: StageChoice | undefined,
  scene: NodeScene,
): NodeAdvance {
  const problems: EventText[] = [];
  const note = (message: string): void =>
    void problems.push({ type: 'Warning', reason: 'UnusableAnnotation', message });
  const { nowMs, networkIndex, stages } = scene;
  const post = (each: AnyNode, verdict: NodeVerdict): AnyNode => ({
    ...each,
    status: nodeStatus(each, { verdict, networkIndex, nowMs }),
  });
  const played = playStages<AnyNode>(
    node,
    before,
    {
      stages,
      round: () => '',
      isEffective: (each, next) => isEffective(each, next, post),
      apply: (each, next) => applyNodeStage(each, next, post),
    },
    { ...scene, note, ageMs: 0 },
  );
  const verdict = verdictOf(played.object) ?? readyVerdict;
  const { status = {} } = post(played.object, verdict);
  return {
    status: status as NodeStatus,
    isChanged: !isAsPosted(node, status as NodeStatus),
    events: [...played.happened.flatMap(({ event }) => event ?? []), ...problems],
    choice: played.choice,
    dueMs: played.dueMs,
  };
}

type Post = (node: AnyNode, verdict: NodeVerdict) => AnyNode;

function isEffective(node: AnyNode, next: StageNext, post: Post): boolean {
  const isEventOnly = next.node === undefined && next.status === undefined;
  return isEventOnly || applyNodeStage(node, next, post) !== node;
}

function applyNodeStage(node: AnyNode, next: StageNext, post: Post): AnyNode {
  let current = node;
  if (next.node !== undefined) {
    const verdict = verdictFrom(next.node, node);
    if (!equalsJson(verdict, verdictOf(node))) current = post(node, verdict);
  }
  if (next.status === undefined) return current;
  const before = (current.status ?? {}) as JsonObject;
  const status = mergeStatus(before, next.status);
  return status === before ? current : { ...current, status: status as DeepReadonly<NodeStatus> };
}

function verdictFrom({ isReady, reason, message }: NodeAction, node: AnyNode): NodeVerdict {
  const usual = isReady ? readyVerdict : { reason: 'KubeletNotReady', message: '' };
  return {
    isReady,
    reason: sourcedText(reason, node) || usual.reason,
    message: sourcedText(message, node) || usual.message,
  };
}
