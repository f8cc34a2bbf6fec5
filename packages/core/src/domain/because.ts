/** Because: why something ended that its person did not end themselves. */

export interface Because {
  /** Absent: `by` did it. `account_deactivated`: their account is gone, and this went with it. */
  readonly because?: BecauseCode;
}

export type BecauseCode = 'account_deactivated';

/** The member alone: left out where there is nothing to say, for rows are sealed member by member. */
export function becauseOf({ because }: Because): Because {
  return because === undefined ? {} : { because };
}
