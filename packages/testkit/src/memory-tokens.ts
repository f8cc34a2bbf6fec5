/** Owns tokens without cryptography: the core's token ports where what is tested is not the signature. Never outside tests. */
import {
  type ActingParty,
  type Clock,
  type Detail,
  type DetailsChecker,
  err,
  type Instant,
  instant,
  isInForce,
  isJsonObject,
  issuerByName,
  type Json,
  type MayAct,
  nameOf,
  type OwnVerifier,
  ok,
  type PersonId,
  type Policy,
  type Principal,
  parsePrincipal,
  parseTokenId,
  personById,
  type Resource,
  type Signer,
  type SubjectVerifier,
  workloadById,
} from '@sallyport/core';

/** What else a plain token says. */
export interface PlainSaid {
  readonly mayAct?: MayAct;
  readonly actors?: readonly ActingParty[];
  readonly startedBy?: PersonId;
}

/** The subject token of a principal; `jti` tells one from the next. */
export function plainSubjectToken(principal: Principal, jti: string, said: PlainSaid = {}): string {
  return `${nameOf(principal)}#${jti}#${JSON.stringify(said)}`;
}

function delegationIn(said: string): PlainSaid & { readonly actors: readonly ActingParty[] } {
  const read: PlainSaid = said === '' ? {} : JSON.parse(said);
  return { ...read, actors: read.actors ?? [] };
}

/** Takes details whose type the resource declares, whatever else they say. */
export function plainDetailsChecker(): DetailsChecker {
  const isDetail = (resource: Resource, detail: Json): detail is Detail =>
    isJsonObject(detail) &&
    typeof detail.type === 'string' &&
    Object.hasOwn(resource.authorizationDetails, detail.type);
  return {
    check: (resource, details) => {
      const known = details.filter((detail) => isDetail(resource, detail));
      return known.length === details.length && known.length > 0 ? known : undefined;
    },
  };
}

/** Accepts `person:ID#jti` and `workload:ID#jti` for principals in force, as if their issuer had signed it. */
export function plainSubjectVerifier(): SubjectVerifier {
  return {
    verify: async (token, policy, now) => {
      const [name = '', jti = '', said = ''] = token.split('#');
      const principal = parsePrincipal(name);
      const issuer = principal === undefined ? undefined : issuerOf(policy, principal);
      if (principal === undefined || issuer === undefined || jti === '' || !isInForce(policy, principal)) {
        return err({ code: 'subject_token_rejected', why: 'nobody_matches' });
      }
      return ok({
        principal,
        issuer,
        sub: principal.id,
        jti,
        expiresAt: instant(now + 300_000),
        ...delegationIn(said),
      });
    },
  };
}

function issuerOf(policy: Policy, principal: Principal) {
  const name =
    principal.kind === 'person'
      ? personById(policy, principal.id)?.subject?.issuer
      : workloadById(policy, principal.id)?.issuer;
  return name === undefined ? undefined : issuerByName(policy, name);
}

/** Signs nothing: `own.<jti>.<exp>.<n>`. As with ECDSA the same facts give another text each time. */
export function plainSigner(): Signer {
  let count = 0;
  return {
    canSign: () => true,
    sign: async (facts) => {
      count += 1;
      return `own.${facts.jti}.${facts.expiresAt}.${count}`;
    },
  };
}

/** Reads what `plainSigner` wrote, while it is in time. */
export function plainOwnVerifier(): OwnVerifier {
  return {
    verify: async (token, now: Instant) => {
      const [own, jti = '', expiresAt] = token.split('.');
      return own === 'own' && now < Number(expiresAt) ? parseTokenId(jti) : undefined;
    },
  };
}

/** A clock that says what was last read from a store. */
export interface EchoClock extends Clock {
  heard(at: Instant): void;
}

/** Starts at zero, and repeats what it hears. */
export function echoClock(): EchoClock {
  let now = instant(0);
  return {
    now: () => now,
    heard: (at) => {
      now = at;
    },
  };
}
