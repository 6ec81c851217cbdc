import { decodeProtobufMessage, encodeProtobufMessage } from '@fairway/protocol';
import type { GrpcConnection } from '../grpc/grpc-connection.ts';
import { containerdTable } from './containerd-messages.ts';

/** The process of a container, or a command in it, of which an event tells. */
export interface TaskEvent {
  readonly containerId: string;
  /** Of a command in the container; else that of the container, or empty. */
  readonly processId: string;
}

const messageBytesMax = 1024 * 1024;

/**
 * What happens to processes, as containerd tells by itself: `delete` when the task of a container is
 * deleted, because it has ended, and `exit` when a process has, be it a command in a container.
 *
 * Errors: `GrpcError`.
 */
export async function* containerdEvents(
  connection: GrpcConnection,
  topic: 'delete' | 'exit',
  signal: AbortSignal,
): AsyncGenerator<TaskEvent, undefined> {
  const path = '/containerd.services.events.v1.Events/Subscribe';
  const filters = [`namespace==k8s.io,topic=="/tasks/${topic}"`];
  const table = containerdTable();
  const request = encodeProtobufMessage('containerd.SubscribeRequest', { filters }, table);
  for await (const message of connection.follow(path, request, { messageBytesMax, signal })) {
    const envelope = decodeProtobufMessage('containerd.Envelope', message, table) as Envelope;
    const bytes = Buffer.from(envelope.event?.value ?? '', 'base64');
    const name = topic === 'exit' ? 'containerd.TaskExit' : 'containerd.TaskDelete';
    const event = decodeProtobufMessage(name, bytes, table) as Partial<TaskEvent>;
    yield { containerId: event.containerId ?? '', processId: event.processId ?? '' };
  }
}

interface Envelope {
  readonly event?: { readonly value?: string };
}
