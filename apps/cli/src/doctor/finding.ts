/** Finding: what one look of the doctor found, and what to do next. */

export interface Finding {
  readonly name: string;
  /** `skipped`: there was nothing to look at, and that is no fault. */
  readonly state: 'ok' | 'wrong' | 'skipped';
  readonly said: string;
  readonly next?: string;
}

/** All is well. */
export function fine(name: string, said: string): Finding {
  return { name, state: 'ok', said };
}

/** Something to mend. */
export function wrong(name: string, said: string, next: string): Finding {
  return { name, state: 'wrong', said, next };
}

/** Nothing to look at here. */
export function skipped(name: string, said: string): Finding {
  return { name, state: 'skipped', said };
}
