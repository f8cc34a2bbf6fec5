/** Owns how free text enters the trail: as its SHA-256 and length, never as words. Details are free text too. */
import { type AccessCase, type Detail, type DomainEvent, spellJson, type TokenFacts } from '@sallyport/core';
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
    case 'request.narrowed':
      return { ...event, access: hashedDetails(event.access) };
    case 'grant.started':
      return { ...event, grant: { ...event.grant, access: hashedDetails(event.grant.access) } };
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
  return {
    ...c,
    request: hashedRequest(c.request),
    decisions: c.decisions.map(hashedReason),
    ...(c.grant === undefined ? {} : { grant: { ...c.grant, access: hashedDetails(c.grant.access) } }),
  };
}

/** The facts of a token with its details hashed. */
export function hashedToken(token: TokenFacts): TokenFacts {
  return hashedDetails(token);
}

/** Each detail keeps its type, which the policy names, and of the rest the hash. */
function hashedDetails<T extends { readonly details?: readonly Detail[] }>(from: T): T {
  if (from.details === undefined) return from;
  const hashed = from.details.map((detail) => ({ type: detail.type, hash: hashedText(spellJson(detail)) }));
  return { ...from, details: hashed };
}

function hashedRequest(request: AccessCase['request']): AccessCase['request'] {
  const { status } = request;
  return {
    ...request,
    access: hashedDetails(request.access),
    justification: hashedText(request.justification),
    ...(request.ticket === undefined ? {} : { ticket: hashedText(request.ticket) }),
    ...(request.bindingMessage === undefined ? {} : { bindingMessage: hashedText(request.bindingMessage) }),
    status:
      status.state === 'denied' && status.reason !== undefined
        ? { ...status, reason: hashedText(status.reason) }
        : status,
  };
}

function hashedReason<T extends { readonly reason?: string }>(decision: T): T {
  return decision.reason === undefined ? decision : { ...decision, reason: hashedText(decision.reason) };
}
