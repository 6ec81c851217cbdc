import type { Clock } from '@fairway/host';
import {
  type ProtobufTable,
  decodeProtobufMessage,
  encodeProtobufMessage,
} from '@fairway/protocol';
import { GrpcConnection } from '../grpc/grpc-connection.ts';
import { type CriMessage, type CriMessageName, criTable, fullName } from './messages.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import { asRuntimeError } from './as-runtime-error.ts';

/** The methods that answer once, by their service. Source: cri-api, runtime.v1. */
const services = {
  RuntimeService: [
    'Version',
    'Status',
    'RunPodSandbox',
    'StopPodSandbox',
    'RemovePodSandbox',
    'PodSandboxStatus',
    'ListPodSandbox',
    'CreateContainer',
    'StartContainer',
    'StopContainer',
    'RemoveContainer',
    'ListContainers',
    'ContainerStatus',
    'UpdateContainerResources',
    'ReopenContainerLog',
    'ExecSync',
    'Exec',
    'Attach',
    'PortForward',
    'ListContainerStats',
  ],
  ImageService: ['ListImages', 'ImageStatus', 'PullImage', 'RemoveImage', 'ImageFsInfo'],
} as const;

type CriMethod = (typeof services)[keyof typeof services][number];

/**
 * The socket of an endpoint as kubelets are given it: `unix:///run/containerd/containerd.sock`, or its path.
 *
 * Errors: `RuntimeError` for anything else.
 */
export function socketPathOf(endpoint: string): string {
  const path = endpoint.replace(/^unix:\/\//, '');
  if (path.startsWith('/')) return path;
  const quoted = JSON.stringify(endpoint);
  const why = `the container runtime endpoint ${quoted} is no unix socket`;
  throw new RuntimeError('unsupported', `${why}; name one as unix:///PATH`);
}

/** What a kubelet waits for a runtime that does not say how long something takes. */
const callTimeoutMs = 120_000;

/** The longest answer: both outputs of a command, of which containerd keeps 16 MiB each. */
const answerBytesMax = 40 * 1024 * 1024;

/** Calls to a container runtime. Errors: `RuntimeError` from every call. */
export class CriClient implements Disposable {
  readonly socketPath: string;
  readonly connection: GrpcConnection;
  readonly #table: ProtobufTable = criTable();
  readonly #paths: ReadonlyMap<CriMethod, string> = methodPaths();

  constructor(options: { readonly socketPath: string; readonly clock: Clock }) {
    this.socketPath = options.socketPath;
    this.connection = new GrpcConnection(options);
  }

  /** `timeoutMs`: how long to wait for the answer; two minutes when absent. */
  async call<Method extends CriMethod>(
    method: Method,
    request: CriMessage<`${Method}Request`>,
    { timeoutMs = callTimeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<CriMessage<`${Method}Response`>> {
    const path = this.#paths.get(method) ?? '';
    const bounds = { timeoutMs, messageBytesMax: answerBytesMax };
    try {
      const message = this.#encode(`${method}Request`, request);
      const answer = await this.connection.call(path, message, bounds);
      return this.#decode(`${method}Response`, answer);
    } catch (error) {
      throw asRuntimeError(error);
    }
  }

  /** What happens to containers, as it happens; a runtime may not have it (`unsupported`). */
  async *events(
    signal: AbortSignal,
  ): AsyncGenerator<CriMessage<'ContainerEventResponse'>, undefined> {
    const path = '/runtime.v1.RuntimeService/GetContainerEvents';
    const request = this.#encode('GetEventsRequest', {});
    const bounds = { messageBytesMax: answerBytesMax, signal };
    try {
      for await (const message of this.connection.follow(path, request, bounds)) {
        yield this.#decode('ContainerEventResponse', message);
      }
    } catch (error) {
      throw asRuntimeError(error);
    }
  }

  [Symbol.dispose](): void {
    this.connection[Symbol.dispose]();
  }

  #encode<Name extends CriMessageName>(name: Name, message: CriMessage<Name>): Uint8Array {
    return encodeProtobufMessage(fullName(name), message, this.#table);
  }

  #decode<Name extends CriMessageName>(name: Name, bytes: Uint8Array): CriMessage<Name> {
    return decodeProtobufMessage(fullName(name), bytes, this.#table) as CriMessage<Name>;
  }
}

function methodPaths(): ReadonlyMap<CriMethod, string> {
  return new Map(
    Object.entries(services).flatMap(([service, methods]) =>
      methods.map((method) => [method, `/runtime.v1.${service}/${method}`] as const),
    ),
  );
}
