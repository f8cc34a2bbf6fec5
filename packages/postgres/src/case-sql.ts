/** Owns the SQL fragments every read shares: a case as one JSON value, and the moment it is judged at. */

/** The clock, cut to what an Instant holds, and the pointer to the policy: columns `now` and `policy_version`. */
export const MOMENT = `date_trunc('milliseconds', clock_timestamp()) as now,
  (select version from policy_in_force) as policy_version`;

/** A case as JSON, of a row of `requests` called `r`. */
export const CASE = `json_build_object(
    'request', to_json(r),
    'decisions', (select coalesce(json_agg(d order by d.ord), '[]'::json) from decisions d where d.request_id = r.id),
    'grant', (select to_json(g) from grants g where g.request_id = r.id))`;

/** What a one-time key was used for, as JSON, of a row of `issuance_uses` called `u` and its token's called `t`. */
export const USE = `json_build_object('use', to_json(u), 'token', to_json(t))`;

/** The ids of a subject's cases on a resource that are pending or whose grant is not marked ended; the arguments are SQL. */
export function openCases(subject: string, resource: string): string {
  return `select id from requests where subject = ${subject} and resource = ${resource} and state = 'pending'
    union all select request_id from grants where subject = ${subject} and resource = ${resource} and state = 'active'`;
}

/** The earlier use of the first of a list of keys that was used, as `{use, token}` or null. The list is parameter `n`. */
export function earlierUse(parameter: string): string {
  return `(select ${USE}
    from issuance_uses u join tokens t on t.jti = u.jti
    where u.key = any(${parameter}::text[]) order by array_position(${parameter}::text[], u.key) limit 1)`;
}
