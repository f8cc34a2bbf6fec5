/** Presets: what is known of each kind of issuer. Which claims nobody can take over, which runs anybody can start, what pins a ref. */
import type { ClaimPath } from './claims.ts';
import type { Preset } from './policy.ts';

/**
 * One kind of issuer. Every token is judged by `runs`, `bound` and `namesItself`; `policy check` asks the rest of each
 * workload's `match`. docs/trust.md says why, and is held to these lists by a test.
 */
export interface PresetRules {
  /** Whole URLs of issuers that are surely of this kind. */
  readonly homes: readonly RegExp[];
  /** The audience of tokens nobody chose one for: those meant for every other service have it, too. */
  readonly usualAudience?: RegExp;
  /** Identifiers that are never given to somebody else: `match` must name every one. */
  readonly ids: readonly ClaimPath[];
  /** What it had better name as well. */
  readonly better: readonly Better[];
  /** What ties a run to a branch, tag or environment: `match` should name one. Empty: there is no such claim. */
  readonly pins: readonly ClaimPath[];
  readonly runs?: Runs;
  readonly bound?: Bound;
  /** Claims that look useful in a `match` and are not, each with why. */
  readonly traps: Readonly<Record<string, string>>;
  /** Claims that are numbers. All others are texts, and a number in a `match` never equals one; undefined: unknown. */
  readonly numbers?: readonly string[];
  /** Whether its tokens have a `jti`. If not, a hash of what was signed stands in. */
  readonly namesItself: boolean;
  /** The claim with the immutable id of the person who started the run. */
  readonly starter?: string;
}

/** A claim to name, perhaps only beside another one, and what happens without it. */
export interface Better {
  readonly claim: ClaimPath;
  readonly beside?: ClaimPath;
  readonly because: string;
}

/** How the run came about. */
export interface Runs {
  readonly claim: string;
  /** Those that take the right to write. Any other is refused unless `match` names it: new kinds appear without asking us. */
  readonly ordinary: readonly string[];
  /** What to bear in mind when `match` names another one. */
  readonly beware: string;
}

/** What the token dies with. Without it a token is refused, unless `match` names one of the others. */
export interface Bound {
  readonly to: ClaimPath;
  readonly or: readonly ClaimPath[];
}

const github: PresetRules = {
  homes: [
    /^https:\/\/token\.actions\.(?:githubusercontent\.com|[a-z0-9-]+\.ghe\.com)(?:\/[A-Za-z0-9._-]+)?$/,
    /^https:\/\/[^/]+\/_services\/token$/,
  ],
  usualAudience: /^https:\/\/github\.com\/[^/]+$/,
  ids: [['repository_id']],
  better: [
    { claim: ['repository_owner_id'], because: 'a repository keeps its id when it is transferred to another owner' },
  ],
  pins: [['ref'], ['ref_protected'], ['environment'], ['job_workflow_ref']],
  runs: {
    claim: 'event_name',
    ordinary: ['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'release', 'deployment'],
    beware: 'outsiders can start such runs, perhaps with code of theirs; the ref is then not what it seems',
  },
  traps: {
    sub: 'it has two forms and every repository may choose its own; name repository_id with ref or environment',
    actor: 'a name can be changed and taken over; it says who started the run, not what may run',
  },
  numbers: [],
  namesItself: true,
  starter: 'actor_id',
};

const gitlab: PresetRules = {
  homes: [/^https:\/\/gitlab\.com$/],
  ids: [['project_id']],
  better: [
    { claim: ['namespace_id'], because: 'a project keeps its id when it is moved to another group' },
    { claim: ['ref_type'], beside: ['ref'], because: 'a tag may have the name of a branch' },
  ],
  pins: [['ref'], ['ref_path'], ['ref_protected'], ['environment'], ['ci_config_ref_uri']],
  runs: {
    claim: 'pipeline_source',
    ordinary: ['push', 'web', 'webide', 'schedule', 'api', 'trigger', 'pipeline', 'chat'],
    beware:
      'in a merge request from a fork project_id names the fork; name job_project_id, where the job runs, as well',
  },
  traps: {
    sub: 'every project may choose its form; name project_id with ref_path or environment',
    user_login: 'a name can be changed and taken over; it says who started the job, not what may run',
    user_email: 'an address can be changed and taken over; it says who started the job, not what may run',
  },
  numbers: ['runner_id'],
  namesItself: true,
  starter: 'user_id',
};

const buildkite: PresetRules = {
  homes: [/^https:\/\/agent\.buildkite\.com$/],
  usualAudience: /^https:\/\/buildkite\.com\/[^/]+$/,
  ids: [['pipeline_id']],
  better: [],
  pins: [['build_branch'], ['build_tag']],
  runs: {
    claim: 'build_source',
    ordinary: ['webhook', 'ui', 'api', 'schedule'],
    beware: 'a trigger step of another pipeline names the branch as it likes',
  },
  traps: { sub: 'it ends with the commit and so fits one build only; name pipeline_id with build_branch' },
  numbers: ['build_number'],
  namesItself: false,
};

const kubernetes: PresetRules = {
  homes: [
    /^https:\/\/oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/id\/[A-Z0-9]+$/,
    /^https:\/\/container\.googleapis\.com\/v1\/projects\/[^/]+\/locations\/[^/]+\/clusters\/[^/]+$/,
    /^https:\/\/[a-z0-9-]+\.oic\.prod-aks\.azure\.com\/[^/]+\/[^/]+\/?$/,
    /^https:\/\/kubernetes\.default\.svc(?:\.cluster\.local)?$/,
  ],
  usualAudience: /^https:\/\/kubernetes\.default\.svc(?:\.cluster\.local)?$/,
  ids: [['kubernetes.io', 'serviceaccount', 'uid']],
  better: [],
  pins: [],
  bound: {
    to: ['kubernetes.io', 'pod', 'uid'],
    or: [
      ['kubernetes.io', 'secret', 'uid'],
      ['kubernetes.io', 'node', 'uid'],
    ],
  },
  traps: {},
  numbers: ['warnafter'],
  namesItself: true,
};

const generic: PresetRules = {
  homes: [],
  ids: [],
  better: [
    {
      claim: ['sub'],
      because: 'it is the one claim that no issuer may ever give to somebody else (OpenID Connect Core, section 2)',
    },
  ],
  pins: [],
  traps: {},
  namesItself: true,
};

export const PRESETS: Readonly<Record<Preset, PresetRules>> = { github, gitlab, buildkite, kubernetes, generic };

/** The preset of an issuer that names none: by its URL where that is well known, else generic. */
export function presetOf(issuer: string): Preset {
  const names = ['github', 'gitlab', 'buildkite', 'kubernetes'] as const;
  return names.find((name) => PRESETS[name].homes.some((home) => home.test(issuer))) ?? 'generic';
}
