// The process that changes hosts, as a test of deaths sees it. What a killed process waits for never comes, so its end has to be waited for
// beside its work: `Promise.race([run.outcome, controller.died])`. Nothing looks for it again and again: a test whose process lives
// would leave that behind for all tests after it.
export interface Controller {
  /** True from the moment it is killed; setting it kills it. */
  dead: boolean;
  /** Settles in the turn after. */
  readonly died: Promise<null>;
}

export function createController(): Controller {
  let isDead = false;
  let tell: (value: null) => void = () => undefined;
  const died = new Promise<null>((resolve) => (tell = resolve));
  return {
    get dead() {
      return isDead;
    },
    set dead(value) {
      isDead ||= value;
      if (isDead) setImmediate(tell, null);
    },
    died,
  };
}
