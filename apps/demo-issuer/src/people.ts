/** The people the demo identity provider knows: those of the example policy. */
export interface DemoPerson {
  readonly sub: string;
  readonly name: string;
  readonly about: string;
}

export const demoPeople: readonly DemoPerson[] = [
  { sub: 'alice', name: 'Alice Ahn', about: 'payments' },
  { sub: 'bob', name: 'Bob Berg', about: 'her manager' },
  { sub: 'carol', name: 'Carol Cole', about: 'database team' },
  { sub: 'dan', name: 'Dan Dorn', about: 'database team' },
  { sub: 'wanda', name: 'Wanda Wu', about: 'payments, not linked to Slack yet' },
  { sub: 'dave', name: 'Dave Diaz', about: 'in no group' },
];
