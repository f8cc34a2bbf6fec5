/** Asks the issuer whether a token is active (RFC 7662): exact, and a round trip each time. Nothing is kept. */
import type { TokenClaims } from './claims.ts';
import { askJson, membersOf } from './http.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { Outage } from './outage.ts';

/** Whether it is active now. @throws Outage when the issuer does not say */
export type Introspect = (token: string, claims: TokenClaims) => Promise<boolean>;

export interface IntrospectDeps {
  readonly issuer: string;
  readonly audience: string;
  readonly authorization: string;
  readonly keys: IssuerKeys;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

const ANSWER_BYTES_MAX = 256 * 1_024;
/** More at once would only queue up behind an issuer that is slow already. */
const IN_FLIGHT_MAX = 256;

/** Credentials that the issuer refuses are an outage too: it did not say that the token is dead. */
export function makeIntrospect({ keys, audience, issuer, ...deps }: IntrospectDeps): Introspect {
  let inFlight = 0;

  async function answerFor(token: string): Promise<Readonly<Record<string, unknown>>> {
    const endpoint = await keys.introspectionEndpoint();
    if (endpoint === undefined) throw new Error('the issuer has no introspection endpoint');
    const answer = membersOf(
      await askJson(deps.fetch, endpoint, {
        headers: { authorization: deps.authorization },
        form: new URLSearchParams({ token, token_type_hint: 'access_token' }),
        timeoutMs: deps.timeoutMs,
        bodyBytesMax: ANSWER_BYTES_MAX,
      }),
    );
    if (typeof answer?.active !== 'boolean') throw new Error('not an introspection answer');
    return answer;
  }

  return async (token, claims) => {
    if (inFlight >= IN_FLIGHT_MAX) throw new Outage('introspection_unavailable');
    inFlight += 1;
    try {
      const { active, iss, aud, sub, jti } = await answerFor(token);
      // About this very token, or it says nothing about it.
      return active === true && iss === issuer && aud === audience && sub === claims.subject && jti === claims.jti;
    } catch (cause) {
      throw new Outage('introspection_unavailable', { cause });
    } finally {
      inFlight -= 1;
    }
  };
}
