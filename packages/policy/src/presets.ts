/** Presets: which well-known issuer is which kind of CI, and which of its claims are worth naming. */
import type { Preset } from '@sallyport/core';

const WELL_KNOWN: ReadonlyMap<string, Preset> = new Map([
  ['https://token.actions.githubusercontent.com', 'github'],
  ['https://gitlab.com', 'gitlab'],
  ['https://agent.buildkite.com', 'buildkite'],
]);

/** The preset of an issuer that names none: by its URL where that is well known, else generic. */
export function presetOf(issuer: string): Preset {
  return WELL_KNOWN.get(issuer) ?? 'generic';
}

/** Claims of which one should be named, or every branch of the repository matches. */
export const REF_CLAIMS: Readonly<Record<Preset, readonly string[]>> = {
  github: ['ref', 'environment', 'job_workflow_ref'],
  gitlab: ['ref', 'ref_protected', 'environment', 'ci_config_ref_uri'],
  buildkite: ['build_branch', 'step_key'],
  kubernetes: [],
  generic: [],
};

/** Issuers all of whose id claims are texts: a number in `match` never equals one. */
export const TEXT_CLAIMS_ONLY: readonly Preset[] = ['github', 'gitlab', 'buildkite'];
