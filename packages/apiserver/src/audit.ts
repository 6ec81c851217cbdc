/** What an audit log is made of, for programs that read flags for one. */
export type { AuditFormat } from './audit/audit-event.ts';
export { AuditLog } from './audit/audit-log.ts';
export { type BatchOptions, BatchedEvents } from './audit/batched-events.ts';
export { readAuditPolicy } from './audit/read-audit-policy.ts';
export { sendToWebhook } from './audit/send-to-webhook.ts';
export { truncateEvents } from './audit/truncated-events.ts';
