/** The secrets of a local house: made once in the state folder, readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The text of a secret file; made by `make` when it is missing. Written beside and renamed: never half a secret. */
function once(file, make) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const text = make();
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return text;
}

const hex = (bytes) => randomBytes(bytes).toString('hex');

const makeSlackSecrets = () =>
  JSON.stringify(
    { botToken: `xoxb-local-${hex(16)}`, appToken: `xapp-local-${hex(16)}`, signingSecret: hex(32) },
    null,
    2,
  );

/** Makes what is missing: the audit key (used by its file name), the stand-in's Slack secrets (returned). */
export function makeSecrets(files) {
  once(files.auditKey, () => hex(32));
  return { slack: JSON.parse(once(files.slackSecrets, makeSlackSecrets)) };
}

/** A random password kept in this file. */
export const passwordIn = (file) => once(file, () => hex(24));
