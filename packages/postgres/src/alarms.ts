/** Owns the alarms of the store: what an operator must hear of. Stable words, ids and codes only. */

export type StoreAlarm =
  /** A stored row is not what was written. */
  | { readonly event: 'row.tampered'; readonly table: string; readonly rowId: string }
  /** A row that could not be trusted or read was left out of a set; the others went on. */
  | { readonly event: 'row.skipped'; readonly why: string }
  /** State, audit or outbox could not be written for want of rights or room. */
  | { readonly event: 'store.not_writable'; readonly sqlState: string }
  /** A connection was lost during a commit; its lane of the trail ended at this counter. */
  | { readonly event: 'commit.unknown'; readonly lane: string; readonly counter: number }
  /** This program's clock is this far from the database's. */
  | { readonly event: 'clock.skew'; readonly skewMs: number }
  /** The policy in force could not be read; the last good one stays. */
  | { readonly event: 'policy.unreadable'; readonly version: string };

/** Called on every alarm; must not throw. */
export type RaiseAlarm = (alarm: StoreAlarm) => void;
