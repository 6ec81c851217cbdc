import { type ProtobufField, ProtobufTable } from '@fairway/protocol';

/**
 * The messages of containerd's own services that are used beside CRI. All that runs by CRI is in its
 * namespace `k8s.io`.
 *
 * Source: containerd, api/services/events/v1, api/services/tasks/v1 and api/events.
 */
const fields: Readonly<Record<string, readonly ProtobufField[]>> = {
  'containerd.SubscribeRequest': [{ name: 'filters', number: 1, type: 'repeated string' }],
  'containerd.Envelope': [{ name: 'event', number: 4, type: 'Any' }],
  'containerd.Any': [{ name: 'value', number: 2, type: 'bytes' }],
  'containerd.TaskDelete': [{ name: 'containerId', number: 1, type: 'string' }],
  'containerd.TaskExit': [
    { name: 'containerId', number: 1, type: 'string' },
    { name: 'processId', number: 2, type: 'string' },
  ],
  'containerd.DeleteProcessRequest': [
    { name: 'containerId', number: 1, type: 'string' },
    { name: 'processId', number: 2, type: 'string' },
  ],
};

export function containerdTable(): ProtobufTable {
  return new ProtobufTable({ fieldsOf: (message) => fields[message], messageOf: () => undefined });
}
