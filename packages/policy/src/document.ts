/** The schema of a policy file: the contract's members to the letter. Unknown members are errors, absent lists empty. */
import { z } from 'zod';
import {
  audienceUri,
  clientId,
  durationUpTo,
  freeText,
  group,
  httpUrl,
  id,
  keyUrl,
  principalId,
  quietHours,
  reference,
  scope,
  sha256Hex,
  slackId,
  time,
  timeZone,
  token,
} from './text-shapes.ts';

/** Only asymmetric signatures: a shared secret could be made by whoever verifies. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const list = <T extends z.ZodType>(item: T, max: number) => z.array(item).max(max).optional();
const enabled = z
  .boolean()
  .optional()
  .describe('false: nothing new comes of it, and what was issued for it reads inactive. Default true.');
const stepUp = z
  .boolean()
  .optional()
  .describe(
    'true: an approval counts only with a fresh sign-in, made for it on the broker’s page; needs `login`. Default false.',
  );
const references = (what: string) => list(reference, 1_000).describe(what);

/** Claims as they must be, whole values of equal type. */
export type MatchDocument = { [claim: string]: string | number | boolean | MatchDocument };
const MATCH = 'a map of claims to a text, number, boolean or another such map; never empty, no list, no null';
const match: z.ZodType<MatchDocument> = z.lazy(() =>
  z
    .record(z.string(), z.union([z.string().max(1_000), z.number(), z.boolean(), match], { error: MATCH }), {
      error: MATCH,
    })
    .refine((claims) => Object.keys(claims).length > 0, { error: MATCH })
    .refine((claims) => Object.keys(claims).length <= 50, { error: 'at most 50 claims' }),
);

export const issuerDocument = z
  .strictObject({
    name: id,
    kind: z.enum(['workload', 'workforce']).describe('workforce: tokens of people. workload: tokens of pipelines.'),
    issuer: httpUrl.describe('Compared byte for byte with `iss`.'),
    audience: token.describe('What `aud` must be, alone.'),
    algorithms: list(z.enum(ALGORITHMS), 11).describe('Signature algorithms accepted. Empty: none.'),
    max_token_age: durationUpTo('24h')
      .optional()
      .describe('Age above which a token is refused, at most 24h. Default 24h.'),
    jwks_uri: keyUrl.optional().describe('Where its keys are. Default: found by discovery.'),
    allow_private_address: z
      .boolean()
      .optional()
      .describe('true: its keys may be fetched from an address inside your network. Default false: public ones only.'),
    preset: z
      .enum(['github', 'gitlab', 'kubernetes', 'buildkite', 'generic'])
      .optional()
      .describe(
        'Which claims are ids and which runs are refused: docs/trust.md. Default: by the issuer, else generic.',
      ),
    single_use: z
      .boolean()
      .optional()
      .describe('One issuance per subject token and target. Default: true for workload, false for workforce.'),
    enabled,
  })
  .describe('A trusted issuer of tokens.');

const jwks = z
  .strictObject({ keys: z.array(z.looseObject({ kty: z.string() })).max(10) })
  .describe('Public keys of the client.');

export const clientDocument = z
  .strictObject({
    id: clientId,
    auth: z.enum(['none', 'client_secret_basic', 'private_key_jwt']),
    grant_types: list(z.enum(['token-exchange', 'deferred', 'ciba', 'device']), 4),
    secret_sha256: sha256Hex.optional().describe('SHA-256 of a random secret, with client_secret_basic.'),
    introspect: list(id, 1_000).describe('Resources whose tokens it may introspect.'),
    jwks: jwks.optional(),
    require_dpop: z.boolean().optional(),
    enabled,
  })
  .describe('An OAuth client.');

export const personDocument = z
  .strictObject({
    id: principalId,
    name: freeText.optional().describe('As shown to others. Default: the id.'),
    groups: list(group, 500),
    manager: principalId.optional().describe('The id of another person.'),
    subject: z
      .strictObject({ issuer: id, sub: z.string().min(1).max(255) })
      .optional()
      .describe('Who they are in tokens of a workforce issuer.'),
    slack: z.strictObject({ team: slackId, user: slackId }).optional().describe('Who they are in Slack.'),
    starts_as: list(z.strictObject({ issuer: id, id: z.string().min(1).max(255) }), 20).describe(
      'Their immutable ids at CI systems (GitHub actor_id, GitLab user_id): runs started by one are theirs.',
    ),
    time_zone: timeZone.optional().describe('Where their clock stands. Default: UTC.'),
    quiet_hours: quietHours.optional().describe('By their own clock: reminders wait until it is over.'),
    enabled,
  })
  .describe('A person.');

export const workloadDocument = z
  .strictObject({
    id: principalId,
    issuer: id,
    match: match.describe('Claims its tokens have: whole values of equal type.'),
    owners: references('Who may ask for it: group:NAME, person:ID, anyone.'),
    enabled,
  })
  .describe('A pipeline or service.');

const roleDocument = z.strictObject({
  id,
  scopes: list(scope, 100),
  max_duration: durationUpTo('365d').describe('The longest a grant may last.'),
  max_uses: z.int().min(1).max(1_000_000).optional().describe('How many tokens one grant gives. 1: one-shot.'),
  description: freeText.optional().describe('What it is for, in plain words; shown where people ask.'),
});

export const resourceDocument = z
  .strictObject({
    id,
    name: freeText.optional().describe('As shown to people. Default: the id.'),
    audience: audienceUri.describe('`aud` of its tokens.'),
    risk: z.enum(['low', 'medium', 'high']).optional().describe('Default medium.'),
    slack: z
      .strictObject({
        channel: slackId.optional(),
        team: slackId
          .optional()
          .describe(
            'The workspace of the channel, where there are several. Default: that of the bot token, or the only one.',
          ),
      })
      .optional()
      .describe('Where its cards are shown.'),
    token: z
      .strictObject({
        ttl: durationUpTo('1h').optional().describe('Life of an access token, at most 1h. Default 10m.'),
        dpop: z.enum(['optional', 'required']).optional(),
      })
      .optional(),
    authorization_details: z
      .record(z.string().min(1).max(128), z.record(z.string(), z.json()))
      .optional()
      .describe('Type -> JSON Schema.'),
    roles: list(roleDocument, 100),
    description: freeText.optional().describe('What it is, in plain words; shown where people ask.'),
    step_up: stepUp,
    enabled,
  })
  .describe('Something people ask for.');

export const delegationDocument = z
  .strictObject({
    from: principalId.describe('A person who is away.'),
    to: principalId.describe('Who may decide in their place; not further.'),
    starts: time,
    ends: time,
  })
  .describe('Somebody decides in the place of somebody who is away.');

const approvalDocument = z.strictObject({
  count: z.int().min(1).max(20).describe('How many distinct people.'),
  from: references('Who may fill these places: group:NAME, person:ID, manager, anyone.'),
});

export const ruleDocument = z
  .strictObject({
    id,
    who: references('Matched against the subject: group:NAME, person:ID, workload:ID, anyone.'),
    resource: id,
    roles: list(id, 100),
    effect: z.enum(['auto_approve', 'require_approval']),
    approvals: list(approvalDocument, 10).describe('Every line must be met, by distinct people. Empty: nobody may.'),
    pending_ttl: durationUpTo('30d').optional().describe('How long it may wait, at most 30d. Default 4h.'),
    justification: z.strictObject({ min_length: z.int().min(0).max(2_000).optional() }).optional(),
    remind: list(z.strictObject({ after: durationUpTo('30d') }), 10).describe(
      'When those who have not decided are reminded. Default: at a quarter and at three quarters of the pending time.',
    ),
    escalate: list(z.strictObject({ after: durationUpTo('30d'), to: references('Who is told.') }), 10).describe(
      'Who else is told when nobody decided for so long. It gives no authority: the approval lines do.',
    ),
    step_up: stepUp,
  })
  .describe('The first rule that matches decides. No rule: forbidden.');

export const loginDocument = z
  .strictObject({
    issuer: id.describe('The name of a workforce issuer.'),
    client_id: token.describe('Our client there: `aud` of the ID tokens it gives us.'),
  })
  .describe(
    'Where people sign in to the pages of the broker. At most once in all files. Default: there are no such pages.',
  );

export type LoginDocument = z.output<typeof loginDocument>;

export const slackDocument = z
  .strictObject({
    fallback_channel: slackId.describe(
      'The id of the channel that takes a card when its own channel does not and no approver can be written to.',
    ),
  })
  .describe('What holds for all of Slack. At most once in all files.');

export type SlackDocument = z.output<typeof slackDocument>;

/** The lists of a file, each with the schema of its items. */
export const SECTIONS = {
  issuers: issuerDocument,
  clients: clientDocument,
  people: personDocument,
  workloads: workloadDocument,
  resources: resourceDocument,
  rules: ruleDocument,
  delegations: delegationDocument,
} as const;

export type Section = keyof typeof SECTIONS;
export type ItemOf<S extends Section> = z.output<(typeof SECTIONS)[S]>;

/** Items of one list, in one file or in all of them together. */
export const ITEMS_MAX = 20_000;

/** A whole file. Also what is stored: all files joined, with every default written out. */
export const policyDocument = z
  .strictObject({
    version: z.literal(1),
    issuers: list(issuerDocument, ITEMS_MAX),
    clients: list(clientDocument, ITEMS_MAX),
    people: list(personDocument, ITEMS_MAX),
    workloads: list(workloadDocument, ITEMS_MAX),
    resources: list(resourceDocument, ITEMS_MAX),
    rules: list(ruleDocument, ITEMS_MAX).describe('In order; the first that matches decides.'),
    delegations: list(delegationDocument, ITEMS_MAX),
    login: loginDocument.optional(),
    slack: slackDocument.optional(),
  })
  .describe('A Sallyport policy file.');

export type PolicyDocument = z.output<typeof policyDocument>;
