/** The long names of OAuth this program speaks, verbatim. Those of the deferred grant follow an individual draft and live here alone. */

export const GRANT_TYPE = {
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  deferred: 'urn:ietf:params:oauth:grant-type:deferred',
  backchannel: 'urn:openid:params:grant-type:ciba',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
} as const;

export const TOKEN_TYPE = {
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  deferralCode: 'urn:ietf:params:oauth:token-type:deferral-code',
} as const;
