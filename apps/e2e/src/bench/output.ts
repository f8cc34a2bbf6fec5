/** What a run says: one JSON object a line on stdout for machines, progress on stderr for whoever waits. */

/** One line of the report. `kind` says which members it has; docs/performance.md lists them. */
export type Line = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** Prints a line of the report. */
export function report(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Tells what is being done. */
export function tell(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
