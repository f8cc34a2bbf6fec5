/** Keeps the issuers' keys in the state folder, so that tokens and cached keys stay good over a restart. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateIssuerJwk, type IssuerJwk, type IssuerSetup } from '@sallyport/testkit/issuer';
import { z } from 'zod';

/** The two issuers; RS256 for the CI, as most of them sign. */
const KINDS = [
  { name: 'workforce', algorithm: 'ES256' },
  { name: 'ci', algorithm: 'RS256' },
] as const;

const jwk = z.looseObject({ kid: z.string().min(1), alg: z.string().min(1), kty: z.string(), d: z.string() });
const fileSchema = z.object({ workforce: z.array(jwk).min(1), ci: z.array(jwk).min(1) });

/** Reads the file, or makes it (0600). A file that is not ours to understand is an error, never overwritten. */
export async function keptIssuers(stateDir: string): Promise<readonly IssuerSetup[]> {
  const file = path.join(stateDir, 'demo-issuer.json');
  const kept = (await readKept(file)) ?? (await makeKept(file));
  return KINDS.map(({ name, algorithm }) => ({ name, algorithm, keys: kept[name] }));
}

type Kept = Readonly<Record<(typeof KINDS)[number]['name'], readonly IssuerJwk[]>>;

async function readKept(file: string): Promise<Kept | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
  return fileSchema.parse(JSON.parse(text));
}

async function makeKept(file: string): Promise<Kept> {
  const [workforce, ci] = await Promise.all(KINDS.map(async ({ algorithm }) => [await generateIssuerJwk(algorithm)]));
  const kept = { workforce: workforce ?? [], ci: ci ?? [] };
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return kept;
}
