/** A competitor's process, started and listening. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompetitorSettings } from '../competitors/settings.ts';
import { benchFile, type RunningProcess, startProcess } from './process.ts';

/** Starts it and waits until it says that it listens. */
export async function startCompetitor(
  name: 'oidc-provider' | 'bare',
  folder: string,
  settings: CompetitorSettings,
): Promise<RunningProcess> {
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(settings), { mode: 0o600 });
  const running = startProcess({
    main: benchFile(`competitors/${name}.js`),
    args: [file],
    env: { NODE_ENV: 'production' },
    logFile: join(folder, `${name}.log`),
  });
  await new Promise<void>((resolve, reject) => {
    running.child.once('message', () => resolve());
    running.child.once('exit', () => reject(new Error(`${name} ended:\n${running.log()}`)));
  });
  return running;
}
