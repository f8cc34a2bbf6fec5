/** Opens a JWT that our issuer signed: key by `kid`, one algorithm, and whatever else the caller demands. */
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { IssuerKeys } from './issuer-keys.ts';
import { Outage } from './outage.ts';

/** What the issuer signs with for resource servers. Never taken from the token. */
export const SIGNING_ALG = 'ES256';

export type Opened = JWTPayload | 'rejected' | 'expired';

export interface Demands extends Omit<JWTVerifyOptions, 'algorithms'> {
  readonly typ: string;
  readonly lengthMax: number;
}

/** @throws Outage when the issuer's keys cannot be had; every other trouble is the token's */
export async function openSigned(token: string, find: IssuerKeys['find'], demands: Demands): Promise<Opened> {
  const { lengthMax, ...options } = demands;
  if (token.length > lengthMax) return 'rejected';
  try {
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        const key = await find(header);
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      { ...options, algorithms: [SIGNING_ALG] },
    );
    return payload;
  } catch (problem) {
    if (problem instanceof Outage) throw problem;
    return problem instanceof errors.JWTExpired ? 'expired' : 'rejected';
  }
}
