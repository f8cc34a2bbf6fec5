/** The compiled policy: its version, what is stored of it, and how it is read back. */
import { type Json, type Policy, parsePolicyVersion } from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';
import { canonicalJson } from './canonical.ts';
import { policyDocument } from './document.ts';
import { toDocument } from './from-policy.ts';
import { type Content, toContent } from './to-policy.ts';

/** Gives a content its version: the SHA-256 of its canonical document, lower-case hex. */
export function withVersion(content: Content): Policy {
  const version = parsePolicyVersion(sha256Hex(canonicalJson(toDocument(content) as Json)));
  if (version === undefined) throw new Error('a SHA-256 is 64 hex digits');
  return { version, ...content };
}

/** What is stored: a policy file of all lists with every default written out. Its canonical SHA-256 is `policy.version`. */
export function serializePolicy({ version: _, ...content }: Policy): Json {
  return toDocument(content) as Json;
}

/**
 * Reads what `serializePolicy` wrote. The version is computed again, so whoever stored it under one can compare.
 * Throws when it is not such a document: the store was damaged, or a newer build wrote it.
 */
export function parseCompiled(document: unknown): Policy {
  const { version: _, login, slack, ...lists } = policyDocument.parse(document);
  const {
    issuers = [],
    clients = [],
    people = [],
    workloads = [],
    resources = [],
    rules = [],
    delegations = [],
  } = lists;
  const once = { ...(login === undefined ? {} : { login }), ...(slack === undefined ? {} : { slack }) };
  return withVersion(toContent({ issuers, clients, people, workloads, resources, rules, delegations, ...once }));
}
