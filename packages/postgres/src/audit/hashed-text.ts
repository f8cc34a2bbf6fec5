/** Owns how free text enters the trail: as its SHA-256 and length, never as words. */
import type { AccessCase, DomainEvent } from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';

/** `sha256:<hex>:<length in UTF-16 units>`. */
export function hashedText(text: string): string {
  return `sha256:${sha256Hex(text)}:${text.length}`;
}

/** The event with its free text hashed: still an event, so the trail can be folded. */
export function hashedEvent(event: DomainEvent): DomainEvent {
  switch (event.type) {
    case 'request.opened':
      return { ...event, request: hashedRequest(event.request) };
    case 'request.denied':
      return event.reason === undefined ? event : { ...event, reason: hashedText(event.reason) };
    case 'decision.made':
      return { ...event, decision: hashedReason(event.decision) };
    default:
      return event;
  }
}

/** The case with its free text hashed: what folding its hashed events gives. */
export function hashedCase(c: AccessCase): AccessCase {
  return { ...c, request: hashedRequest(c.request), decisions: c.decisions.map(hashedReason) };
}

function hashedRequest(request: AccessCase['request']): AccessCase['request'] {
  const { status } = request;
  return {
    ...request,
    justification: hashedText(request.justification),
    ...(request.ticket === undefined ? {} : { ticket: hashedText(request.ticket) }),
    status:
      status.state === 'denied' && status.reason !== undefined
        ? { ...status, reason: hashedText(status.reason) }
        : status,
  };
}

function hashedReason<T extends { readonly reason?: string }>(decision: T): T {
  return decision.reason === undefined ? decision : { ...decision, reason: hashedText(decision.reason) };
}
