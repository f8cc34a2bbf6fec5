/** The doctor's look at files: the policy compiles, the signing keys are keys. */
import { readFile, stat } from 'node:fs/promises';
import { errorCode } from '@sallyport/platform';
import { type Finding, fine, wrong } from './finding.ts';

const OTHERS_READ = 0o077;

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

/** Reads the signing keys as the broker would. */
export async function keysFinding(path: string): Promise<Finding> {
  const name = 'signing keys';
  try {
    const [{ mode }, text] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    const { parseKeySet } = await import('@sallyport/tokens');
    const keys = await parseKeySet(text);
    if (!keys.ok)
      return wrong(name, `${path}: ${keys.error.join('; ')}`, 'Make new ones: sallyport keys generate --out FILE');
    const { published, signing } = keys.value;
    // A mounted secret is often readable by all in its container: worth a word, no fault.
    const open = process.platform !== 'win32' && (mode & OTHERS_READ) !== 0 ? '; others can read it: chmod 600' : '';
    return fine(name, `${published.length} in ${path}, ${signing.ES256.kid} signs${open}`);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === undefined) throw thrown;
    return wrong(
      name,
      `${path} cannot be read (${code})`,
      'Set SALLYPORT_SIGNING_KEYS to the file of the private keys.',
    );
  }
}
