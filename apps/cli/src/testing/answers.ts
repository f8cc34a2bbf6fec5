/** Answers as the broker gives them, word for word. */
import type { Canned } from './canned-broker.ts';

export const REQUEST = 'req_01h8xgjwbwbaq4z5y9x2v3k7ma';
export const GRANT = 'grt_01h8xgjwbwbaq4z5y9x2v3k7mb';
export const HANDLE = 'sXw7hJv0mT3bq1ZkQ8n4yR6uE2pLd9fGcA5oViWxKtM';
export const ISSUED = 'eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJ3b3JrbG9hZDpwYXltZW50cy1kZXBsb3kifQ.c2lnbmF0dXJl';

const grant = {
  id: GRANT,
  state: 'active',
  not_before: '2026-01-02T03:04:05Z',
  expires_at: '2026-01-02T03:34:05Z',
};

/** A request as the REST door shows it. */
export function requestBody(more: object = {}): object {
  return {
    id: REQUEST,
    state: 'pending',
    revision: 1,
    resource: 'orders-db',
    role: 'admin',
    scopes: ['orders:read', 'orders:write'],
    audience: 'https://orders-db.acme.test',
    duration_seconds: 1_800,
    subject: 'workload:payments-deploy',
    requester: 'person:alice@acme.test',
    justification: 'Backfill of the orders that failed',
    approvals: { required: 2, given: 0 },
    expires_at: '2026-01-02T07:04:05Z',
    grant: null,
    ...more,
  };
}

export const approvedBody = requestBody({ state: 'approved', approvals: { required: 2, given: 2 }, grant });

/** A request in this state, with the ETag of it. */
export function seen(state: string, more: object = {}): Canned {
  const body = state === 'approved' ? approvedBody : requestBody({ state, ...more });
  return { status: 200, body, headers: { etag: `"1.${state}.none"` } };
}

export const unchanged: Canned = { status: 304, headers: { etag: '"1.pending.none"' } };

export const grantBody = {
  id: GRANT,
  state: 'revoked',
  request_id: REQUEST,
  resource: 'orders-db',
  role: 'admin',
  scopes: ['orders:read', 'orders:write'],
  audience: 'https://orders-db.acme.test',
  subject: 'workload:payments-deploy',
  not_before: grant.not_before,
  expires_at: grant.expires_at,
};

/** A problem document. */
export function problem(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Canned {
  return {
    status,
    headers,
    body: { type: 'about:blank', status, code, title: `Title of ${code}`, trace_id: 'trace', ...more },
  };
}

export const pending: Canned = {
  status: 400,
  body: {
    error: 'authorization_pending',
    error_description: 'waiting_for_approval',
    request_id: REQUEST,
    interval: 5,
    deferral_code: HANDLE,
    expires_in: 3_600,
  },
};
export const stillPending: Canned = {
  status: 400,
  body: { error: 'authorization_pending', error_description: 'waiting_for_approval', request_id: REQUEST, interval: 5 },
};
export const slowDown: Canned = {
  status: 400,
  body: { error: 'slow_down', error_description: 'polled_too_soon', request_id: REQUEST, interval: 10 },
};
export const issued: Canned = {
  status: 200,
  body: {
    access_token: ISSUED,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 600,
    scope: 'orders:write',
    grant_id: GRANT,
    request_id: REQUEST,
  },
};
/** Ends at 2026-01-02T03:09:05Z. */
export const FEDERATED = 'eyJ0eXAiOiJKV1QifQ.eyJleHAiOjE3NjczMjMzNDV9.c2lnbmF0dXJl';
export const federated: Canned = {
  status: 200,
  body: {
    access_token: FEDERATED,
    issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_type: 'N_A',
    expires_in: 300,
    scope: 'orders:write',
    grant_id: GRANT,
    request_id: REQUEST,
  },
};
export const notNow: Canned = {
  status: 503,
  headers: { 'retry-after': '7' },
  body: { error: 'temporarily_unavailable', error_description: 'correlation id trace' },
};

/** An OAuth error. */
export function oauth(error: string, description: string): Canned {
  return { status: 400, body: { error, error_description: description } };
}
