/** The long names of OAuth, verbatim. The deferred grant follows an individual draft (Deferred Token Response, -00): its names live here alone. */

export const GRANT_TYPE = {
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  deferred: 'urn:ietf:params:oauth:grant-type:deferred',
  ciba: 'urn:openid:params:grant-type:ciba',
  /** RFC 8628 section 3.4. */
  device: 'urn:ietf:params:oauth:grant-type:device_code',
} as const;

/** RFC 7523 section 2.2. */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export const TOKEN_TYPE = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  deferralCode: 'urn:ietf:params:oauth:token-type:deferral-code',
} as const;
