// A connector that tries a wrong password on one host, not on all: a service account is locked out after a few refusals. While an account
// and its secret are not proven in this command, one host goes first; after a refusal nothing more is sent with them. It reads no secret
// and keeps none: a reference to one is compared with another.
import { asFailure, Failure } from '../../model/failure.ts';
import type { Clock, Connector, Session } from '../../model/seams.ts';
import type { Connection, SecretRef, Target } from '../../model/target.ts';

/** A host that does not answer holds the others back no longer than this; then the next one tries. The next ones that do not, less. */
const aheadMs = 2000;
const leastAheadMs = 500;
const longMs = 600_000;
const atOnce: readonly SecretRef['kind'][] = ['env', 'file', 'inline'];

/**
 * unproven: one host at a time. proven: a host took it last. refused: a host refused it while it was not proven; nothing is sent.
 * A refusal of a proven one makes it unproven again, for one host may refuse what all others take.
 */
interface Account {
  readonly username: string;
  readonly secret: SecretRef;
  readonly place: string | null;
  state: 'unproven' | 'proven' | 'refused';
  refusedBy: string | null;
  /** A host has tried, so the secret was read: nobody waits for an operator or a helper any more. */
  isRead: boolean;
  /** Hosts that were ahead and gave no answer in time. */
  unanswered: number;
  /** Where the account is not proven, the one that tries now; resolves when that is decided. */
  ahead: Promise<void> | null;
}

/** The same connector with a brake of its own: one for a whole command. */
export function brakeLogons(connector: Connector, clock: Pick<Clock, 'sleep'>): Connector {
  const accounts: Account[] = [];
  return {
    async connect(target, options) {
      const account = findAccount(accounts, target.connection);
      if (account === null) return connector.connect(target, options);
      const endTurn = await takeTurn(account, target, clock, options?.signal);
      try {
        const session = await connector.connect(target, options);
        account.state = 'proven';
        return watchSession(session, account, target);
      } catch (thrown) {
        noteFailure(account, target, thrown);
        throw thrown;
      } finally {
        account.isRead = true;
        endTurn();
      }
    },
  };
}

/** Returns when the target may log on, with what tells the others that its turn is over. Throws Failure `auth/held-back`. */
async function takeTurn(
  account: Account,
  target: Target,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal | undefined,
): Promise<() => void> {
  while (account.state === 'unproven' && account.ahead !== null) {
    const { ahead } = account;
    const waiting = new AbortController();
    const stop = signal === undefined ? waiting.signal : AbortSignal.any([signal, waiting.signal]);
    // Who waits for an operator to type, or for a helper, has not logged on yet, however long it takes.
    const isKnown = account.isRead || atOnce.includes(account.secret.kind);
    const waitMs = isKnown ? Math.max(leastAheadMs, aheadMs / 2 ** account.unanswered) : longMs;
    await Promise.race([ahead, clock.sleep(waitMs, stop)]);
    waiting.abort();
    // The connector says in its own words that it was told to stop.
    if (signal?.aborted === true) return () => undefined;
    if (account.ahead === ahead) {
      account.ahead = null;
      account.unanswered += 1;
    }
  }
  if (account.state === 'refused') throw heldBack(account, target);
  if (account.state === 'proven') return () => undefined;
  let tell: () => void = () => undefined;
  const turn = new Promise<void>((resolve) => {
    tell = resolve;
  });
  // At once, before anybody else that waited looks.
  account.ahead = turn;
  return () => {
    if (account.ahead === turn) account.ahead = null;
    tell();
  };
}

/** Later logons of the session, after a lost connection, count as well. */
function watchSession(session: Session, account: Account, target: Target): Session {
  const watch = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (thrown) {
      noteFailure(account, target, thrown);
      throw thrown;
    }
  };
  return {
    ask: (line, options) => watch(session.ask(line, options)),
    change: (line, options) => watch(session.change(line, options)),
    list: (question, options) => watch(session.list(question, options)),
    endLeft: (options) => watch(session.endLeft(options)),
    newNonce: () => session.newNonce(),
    close: () => session.close(),
  };
}

function noteFailure(account: Account, target: Target, thrown: unknown): void {
  if (asFailure(thrown).code !== 'auth/refused') return;
  account.refusedBy = target.name;
  account.state = account.state === 'proven' ? 'unproven' : 'refused';
}

function heldBack({ username, refusedBy }: Account, target: Target): Failure {
  const message = `not tried: ${refusedBy ?? 'another host'} refused the password of ${username}, and more refusals may lock the account`;
  return new Failure('auth/held-back', message, {
    where: target.name,
    hint: `check the password on one host first: fencepost doctor --limit ${refusedBy ?? 'HOST'}`,
  });
}

/** Null: no password is sent, so nothing can be locked out. */
function findAccount(accounts: Account[], connection: Connection): Account | null {
  const { auth, kerberos, username, password: secret } = connection;
  const ticketFrom = kerberos?.ticketFrom.kind ?? 'cache';
  const isPassword = auth === 'kerberos' ? ticketFrom === 'password' : auth !== 'certificate';
  if (!isPassword || username === '') return null;
  // What is typed for one address is not sent to another.
  const place = secret.kind === 'unnamed' ? `${connection.address}:${connection.port}` : null;
  const name = username.toLowerCase();
  const known = accounts.find(
    (one) => one.username.toLowerCase() === name && one.place === place && isSameSecret(one.secret, secret),
  );
  if (known !== undefined) return known;
  const account: Account = {
    username,
    secret,
    place,
    state: 'unproven',
    refusedBy: null,
    isRead: false,
    unanswered: 0,
    ahead: null,
  };
  accounts.push(account);
  return account;
}

/** One prompt is asked for each user name only. */
function isSameSecret(one: SecretRef, other: SecretRef): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
