import {
  type HttpRequest,
  type HttpResponse,
  type UpgradeAnswer,
  badRequest,
  apiError,
} from '@fairway/protocol';
import type { ProcessStreams, Program } from '@fairway/protocol/pods';
import { podContainers } from '../pod-lifecycle/pod-containers.ts';
import { readySandbox, requirePod, runningContainer } from './find-container.ts';
import { tellingLateness } from './late-attach.ts';
import { leavingAfterInput } from './leave-after-input.ts';
import type { KubeletParts, NodePod } from './kubelet-parts.ts';
import type { ContainerPath } from './kubelet-path.ts';

type StreamParts = Pick<KubeletParts, 'pods' | 'runtime' | 'clock'>;

/** Answers an upgrade with the streams of a command in a container, or of the container itself. */
export async function acceptContainer(
  parts: StreamParts,
  { way, ...path }: ContainerPath & { readonly way: 'exec' | 'attach' },
  request: HttpRequest,
): Promise<UpgradeAnswer> {
  const query = new URLSearchParams(request.query);
  const streams = streamsOf(query);
  const { id } = await runningContainer(parts, path);
  const { runtime, clock } = parts;
  const attach = (): Program => {
    const late = { containerId: id, runtime, clock };
    const attached = tellingLateness(runtime.attach(id, streams), late);
    const endsInput = !streams.stdin || endsWithItsInput(requirePod(parts, path), path.container);
    return endsInput ? attached : leavingAfterInput(attached, clock);
  };
  const program = way === 'exec' ? runtime.exec(id, query.getAll('command'), streams) : attach();
  const { acceptProcess } = await import('@fairway/protocol/pods');
  return acceptProcess(request, { streams, program, clock });
}

/** Whether the input of a container ends with that of the first who attaches to it. */
function endsWithItsInput(pod: NodePod, name: string): boolean {
  const found = podContainers(pod).find(({ spec }) => spec.name === name);
  // Of a terminal, the end is a character, and containerd closes none.
  return found?.spec.stdinOnce === true && found.spec.tty !== true;
}

/** Answers an upgrade with a way to the ports of a pod. */
export async function acceptPodPorts(
  parts: StreamParts,
  path: Omit<ContainerPath, 'container'>,
  request: HttpRequest,
): Promise<UpgradeAnswer> {
  const { id } = await readySandbox(parts, path);
  const { runtime, clock } = parts;
  const { acceptPorts } = await import('@fairway/protocol/pods');
  return acceptPorts(request, { connect: (port) => runtime.connectPort(id, port), clock });
}

/** Source: kubelet, streaming server. */
function streamsOf(query: URLSearchParams): ProcessStreams {
  const flag = (name: string): boolean => query.get(name) === '1';
  const [stdin, stdout, tty] = [flag('input'), flag('output'), flag('tty')];
  // A terminal has one output.
  const stderr = flag('error') && !tty;
  if (stdin || stdout || stderr) return { stdin, stdout, stderr, tty };
  throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
}

/** How long a command of `/run` may take, and how much it may print. */
const runTimeoutMs = 60_000;
const runOutputBytesMax = 1024 * 1024;

/** Answers `POST /run/NAMESPACE/POD/CONTAINER?cmd=…` with what the command has printed. */
export async function answerRun(
  parts: StreamParts,
  path: ContainerPath,
  request: HttpRequest,
): Promise<HttpResponse> {
  const command = (new URLSearchParams(request.query).get('cmd') ?? '').split(' ');
  const { id } = await runningContainer(parts, path);
  const limits = { timeoutMs: runTimeoutMs, outputBytesMax: runOutputBytesMax };
  const { exitCode, stdout, stderr } = await parts.runtime.execToEnd(id, command, limits);
  if (exitCode !== 0) {
    const said = Buffer.from(stderr).toString();
    const message = `command '${command.join(' ')}' exited with ${exitCode}: ${said}`;
    throw apiError('InternalError', message);
  }
  return {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.concat([stdout, stderr]),
  };
}
