/** Why bytes could not be read as protobuf, or a value could not be written as it. */
export type ProtobufProblem =
  | 'not-kubernetes-protobuf'
  | 'unknown-kind'
  | 'truncated'
  | 'malformed'
  | 'too-deep'
  | 'too-large'
  | 'wrong-value';

/** What is wrong with a protobuf body, and where: the field's path, and the offset when reading. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
  readonly problem: ProtobufProblem;
  /** `PodSpec` style path from the top message: `spec.containers.ports`; empty at the top. */
  readonly path: string;
  /** Unit: bytes from the beginning of what was read. */
  readonly offset?: number;

  constructor(
    problem: ProtobufProblem,
    what: string,
    where: { readonly path: string; readonly offset?: number; readonly cause?: unknown },
  ) {
    const at = where.offset === undefined ? '' : ` at byte ${where.offset}`;
    const inside = where.path === '' ? '' : ` in ${where.path}`;
    super(`${what}${inside}${at}`, { cause: where.cause });
    this.problem = problem;
    this.path = where.path;
    if (where.offset !== undefined) this.offset = where.offset;
  }
}
