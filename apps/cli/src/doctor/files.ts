/** The doctor's look at files: the policy compiles, the signing keys are keys. */
import type { Instant } from '@sallyport/core';
import { errorCode, type Secret } from '@sallyport/platform';
import type { KeyFile } from '@sallyport/tokens';
import { keyViews, nextLine } from '../keys/words.ts';
import { type Finding, fine, wrong } from './finding.ts';

/** Compiles the policy as the worker would. */
export async function policyFinding(path: string, allowHttpIssuers: boolean): Promise<Finding> {
  const { loadPolicy, formatIssue } = await import('@sallyport/policy');
  const loaded = await loadPolicy(path, { allowHttpIssuers });
  if (loaded.ok) {
    const warnings = loaded.value.issues.filter((issue) => issue.severity === 'warning').length;
    const more = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
    return fine('policy', `${path} compiles, version ${loaded.value.policy.version.slice(0, 12)}${more}`);
  }
  const [first] = loaded.error.filter((issue) => issue.severity === 'error');
  const said = first === undefined ? `${path} does not compile` : formatIssue(first);
  return wrong('policy', said, `See every problem: sallyport policy check ${path}`);
}

/** Where the signing keys are, and what opens them. */
export interface KeysAt {
  readonly path: string;
  readonly encryptionKey: Secret<Uint8Array> | undefined;
  readonly now: Instant;
}

const KEYS = 'signing keys';

/** Reads the signing keys as the broker would, and says which sign and what comes next. */
export async function keysFinding({ path, encryptionKey, now }: KeysAt): Promise<Finding> {
  const tokens = await import('@sallyport/tokens');
  try {
    const { text, mode } = await tokens.readKeyText(path);
    const wrapping = encryptionKey === undefined ? undefined : tokens.makeKeyWrapping(encryptionKey.reveal());
    const [file, set] = [tokens.parseKeyFile(text), await tokens.parseKeySet(text, wrapping)];
    if (!file.ok) return unfit(path, file.error);
    if (!set.ok) return unfit(path, set.error);
    if (tokens.exposureOf(mode, file.value) !== undefined) {
      return wrong(KEYS, `${path}: others may read or write it, production refuses it`, `chmod 600 ${path}`);
    }
    const rs256 = set.value.signing.RS256 === undefined ? '; no RS256 key: federation tokens are refused' : '';
    return fine(KEYS, `${path}: ${signersIn(file.value, tokens)}${rs256}; ${nextLine(file.value, now, tokens)}`);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === undefined) throw thrown;
    return wrong(
      KEYS,
      `${path} cannot be read (${code})`,
      'Set SALLYPORT_SIGNING_KEYS to the file of the private keys.',
    );
  }
}

function unfit(path: string, problems: readonly string[]): Finding {
  return wrong(KEYS, `${path}: ${problems.join('; ')}`, 'docs/keys.md says what a key file holds.');
}

function signersIn(file: KeyFile, tokens: typeof import('@sallyport/tokens')): string {
  const signers = keyViews(file, tokens).filter((key) => key.standing === 'signs');
  return signers
    .map(({ alg, kid, signing_since: since }) => `${alg} ${kid}${since === undefined ? '' : ` since ${since}`}`)
    .join(', ');
}
