import { ProtobufError } from '@fairway/protocol';
import { GrpcError, grpcCodes } from '../grpc/grpc-error.ts';
import { RuntimeError, type RuntimeProblem } from '../runtime/runtime-error.ts';

const problems: ReadonlyMap<number, RuntimeProblem> = new Map([
  [grpcCodes.notFound, 'not-found'],
  [grpcCodes.unavailable, 'unavailable'],
  [grpcCodes.deadlineExceeded, 'timeout'],
  [grpcCodes.unimplemented, 'unsupported'],
]);

/** What went wrong at the runtime, in its own words, which events of pods repeat. */
export function asRuntimeError(error: unknown): unknown {
  if (error instanceof GrpcError) {
    const problem = problems.get(error.code) ?? 'failed';
    return new RuntimeError(problem, error.message, { cause: error });
  }
  if (error instanceof ProtobufError) {
    const message = `what the container runtime says cannot be read: ${error.message}`;
    return new RuntimeError('failed', message, { cause: error });
  }
  return error;
}

/** What was asked for, or undefined when what it is about is not there (any more). */
export async function unlessGone<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RuntimeError && error.problem === 'not-found') return undefined;
    throw error;
  }
}
