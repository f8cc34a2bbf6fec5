/** `npm run demo`: plays the story against the house that runs now and prints what went over the wire. */
import { DemoBroken } from './demo/check.ts';
import { bold, makePrinter } from './demo/print.ts';
import { playStory } from './demo/story.ts';
import { cliTrail } from './demo/trail.ts';

const EXIT_UNREACHABLE = 69;
const EXIT_BUG = 70;

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const port = (name: string, byDefault: number): string => `http://localhost:${process.env[name] ?? byDefault}`;
const urls = {
  broker: process.env.SALLYPORT_ISSUER ?? port('SALLYPORT_BROKER_PORT', 8080),
  workspace: `http://127.0.0.1:${process.env.SALLYPORT_STANDIN_PORT ?? 8083}`,
  demoIssuer: port('SALLYPORT_DEMO_ISSUER_PORT', 8084),
};

try {
  write(bold('Sallyport: one person asks, another opens.'));
  await playStory(urls, makePrinter(write), cliTrail(process.env));
  write(`\n${bold('That was the story.')} The same is proved by npm test.`);
} catch (thrown) {
  if (thrown instanceof DemoBroken) {
    process.stderr.write(`\nThe demo stopped: ${thrown.message}\n`);
    process.exitCode = 1;
  } else if (thrown instanceof TypeError && thrown.message === 'fetch failed') {
    process.stderr.write('\nSallyport does not answer. Is `npm start` running, and did it say "sallyport ready"?\n');
    process.exitCode = EXIT_UNREACHABLE;
  } else {
    process.stderr.write(
      `\nThe demo failed: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`,
    );
    process.exitCode = EXIT_BUG;
  }
}
