import {
  type ProtobufField,
  ProtobufTable,
  decodeProtobufMessage,
  encodeProtobufMessage,
} from '@fairway/protocol';
import type { GrpcConnection } from '../grpc/grpc-connection.ts';

/** Source: containerd, api/services/events/v1 and api/events. */
const fields: Readonly<Record<string, readonly ProtobufField[]>> = {
  'containerd.SubscribeRequest': [{ name: 'filters', number: 1, type: 'repeated string' }],
  'containerd.Envelope': [{ name: 'event', number: 4, type: 'Any' }],
  'containerd.Any': [{ name: 'value', number: 2, type: 'bytes' }],
  'containerd.TaskDelete': [{ name: 'containerId', number: 1, type: 'string' }],
};

/** The task of a container is deleted when it has ended. */
const filters = ['namespace==k8s.io,topic=="/tasks/delete"'];

const messageBytesMax = 1024 * 1024;

/**
 * The containers that have ended, as containerd tells by itself: before version 2 it has no events
 * in CRI. Errors: `GrpcError`.
 */
export async function* containerdEvents(
  connection: GrpcConnection,
  signal: AbortSignal,
): AsyncGenerator<string, undefined> {
  const table = new ProtobufTable({
    fieldsOf: (message) => fields[message],
    messageOf: () => undefined,
  });
  const path = '/containerd.services.events.v1.Events/Subscribe';
  const request = encodeProtobufMessage('containerd.SubscribeRequest', { filters }, table);
  for await (const message of connection.follow(path, request, { messageBytesMax, signal })) {
    const envelope = decodeProtobufMessage('containerd.Envelope', message, table) as Envelope;
    const bytes = Buffer.from(envelope.event?.value ?? '', 'base64');
    const event = decodeProtobufMessage('containerd.TaskDelete', bytes, table) as TaskDelete;
    yield event.containerId ?? '';
  }
}

interface Envelope {
  readonly event?: { readonly value?: string };
}

interface TaskDelete {
  readonly containerId?: string;
}
