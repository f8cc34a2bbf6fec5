/** CPU and memory of processes as the kernel counts them, whatever the processes say of themselves. Linux only: /proc. */
import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux shows every architecture of ours. */
const TICKS_PER_SECOND = 100;
const EVERY_MS = 100;

/** Seconds of CPU a process has used, all its threads, user and system; undefined when it is gone or there is no /proc. */
export function cpuSecondsOf(pid: number): number | undefined {
  return cpuSecondsIn(`/proc/${pid}/stat`);
}

/** Of its main thread alone: where a Node program does all but cryptography. */
export function mainThreadSecondsOf(pid: number): number | undefined {
  return cpuSecondsIn(`/proc/${pid}/task/${pid}/stat`);
}

function cpuSecondsIn(file: string): number | undefined {
  try {
    const stat = readFileSync(file, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** Resident memory of a process in MiB. */
export function residentMibOf(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1_024;
  } catch {
    return undefined;
  }
}

/** CPU used by a changing set of processes between two looks; a process that came in between counts from its start. */
export function cpuBetween(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let seconds = 0;
  for (const [pid, used] of after) seconds += used - (before.get(pid) ?? 0);
  return seconds;
}

/** One look at several processes. */
export function cpuOf(pids: readonly number[]): ReadonlyMap<number, number> {
  const found = pids.map((pid) => [pid, cpuSecondsOf(pid)] as const);
  return new Map(found.filter((one): one is readonly [number, number] => one[1] !== undefined));
}

/** Watches the resident memory of a process; `stop` gives the most that was seen, in MiB. */
export function watchMemory(pid: number): { stop(): number } {
  let peak = residentMibOf(pid) ?? 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMibOf(pid) ?? 0);
  }, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.max(peak, residentMibOf(pid) ?? 0);
    },
  };
}
