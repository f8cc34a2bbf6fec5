/** What a workload is recognised by, against what is known of its kind of issuer. docs/trust.md explains every sentence. */
import {
  type ClaimPath,
  claimAt,
  claimText,
  isJsonObject,
  type Json,
  type JsonObject,
  PRESETS,
  type Preset,
} from '@sallyport/core';
import type { Path, PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

type WorkloadItem = Joined['workloads'][number];

/** Errors for what strangers could take over; advice for what is wider, or narrower, than it looks. */
export function checkMatch(item: WorkloadItem, preset: Preset): readonly PolicyIssue[] {
  return [ids, better, pins, runs, traps, types].flatMap((check) => check(item, preset));
}

function ids(item: WorkloadItem, preset: Preset): readonly PolicyIssue[] {
  return PRESETS[preset].ids
    .filter((claim) => !names(item, claim))
    .map((claim) =>
      item.issueAt('error', ['match'], `${preset}: name ${claimText(claim)}; everything else can be taken over`),
    );
}

function better(item: WorkloadItem, preset: Preset): readonly PolicyIssue[] {
  return PRESETS[preset].better
    .filter(({ claim, beside }) => !names(item, claim) && (beside === undefined || names(item, beside)))
    .map(({ claim, because }) => item.issueAt('advice', ['match'], `name ${claimText(claim)} as well: ${because}`));
}

function pins(item: WorkloadItem, preset: Preset): readonly PolicyIssue[] {
  const { pins: wanted } = PRESETS[preset];
  if (wanted.length === 0 || wanted.some((claim) => names(item, claim))) return [];
  const one = wanted.map(claimText).join(', ');
  return [item.issueAt('advice', ['match'], `every branch matches, whoever pushed it: name one of ${one}`)];
}

function runs(item: WorkloadItem, preset: Preset): readonly PolicyIssue[] {
  const rule = PRESETS[preset].runs;
  const named = rule && item.value.match[rule.claim];
  if (rule === undefined || typeof named !== 'string' || rule.ordinary.includes(named)) return [];
  return [item.issueAt('advice', ['match', rule.claim], `${named}: ${rule.beware}`)];
}

function traps(item: WorkloadItem, preset: Preset): readonly PolicyIssue[] {
  return Object.entries(PRESETS[preset].traps)
    .filter(([claim]) => names(item, [claim]))
    .map(([claim, because]) => item.issueAt('advice', ['match', claim], `do not match by ${claim}: ${because}`));
}

/** Whole values of equal type: a number that should be a text matches nothing. */
function types(item: WorkloadItem, preset: Preset): readonly PolicyIssue[] {
  const { numbers } = PRESETS[preset];
  if (numbers === undefined) return [];
  return leaves(item.value.match).flatMap(({ path, value }) => {
    if (typeof value === 'string' || numbers.includes(String(path.at(-1)))) return [];
    const message = `${preset} sends a text here: put ${String(value)} in quotes, or it never matches`;
    return [item.issueAt('warning', ['match', ...path], message)];
  });
}

function names({ value }: WorkloadItem, claim: ClaimPath): boolean {
  return claimAt(value.match, claim) !== undefined;
}

function leaves(match: JsonObject, above: Path = []): readonly { readonly path: Path; readonly value: Json }[] {
  return Object.entries(match).flatMap(([name, value]) => {
    const path = [...above, name];
    return isJsonObject(value) ? leaves(value, path) : [{ path, value }];
  });
}
