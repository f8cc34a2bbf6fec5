/** The example policy for a house of this test: the shipped files, with the addresses of its issuers. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLE = fileURLToPath(new URL('../../../../infra/policies/example/', import.meta.url));

export interface PolicyFiles {
  readonly folder: string;
  /** Replaces a text in one of the files; throws when it is not there. */
  replace(file: string, from: string, to: string): Promise<void>;
  remove(): Promise<void>;
}

/** Copies the example into a folder of its own, with these files (name -> text) beside it. */
export async function examplePolicyFiles(
  issuerOrigin: string,
  audience: string,
  more: Readonly<Record<string, string>> = {},
): Promise<PolicyFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-policy-'));
  for (const name of (await readdir(EXAMPLE)).filter((file) => file.endsWith('.yaml') && !file.includes('.cases.'))) {
    const text = await readFile(join(EXAMPLE, name), 'utf8');
    await writeFile(
      join(folder, name),
      text.replaceAll('http://localhost:8084', issuerOrigin).replaceAll('http://localhost:8080', audience),
    );
  }
  for (const [name, text] of Object.entries(more)) await writeFile(join(folder, name), text);
  return {
    folder,
    async replace(file, from, to) {
      const path = join(folder, file);
      const text = await readFile(path, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
      await writeFile(path, text.replace(from, to));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
