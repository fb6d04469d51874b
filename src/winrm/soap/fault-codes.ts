// The numbers that WinRM puts into faults: what each means to a person, what to do, and whether trying again can help.
// Only the numbers; reading a fault is fault.ts. Source: wsmerror.h (wsman-samples/wsman-error-codes.tsv), wsman.md 2.12.
import type { FailureCode, Retry } from '../../model/failure.ts';

export interface KnownFault {
  readonly failure: FailureCode;
  /** Ends the sentence `the server refused the request: ...`. */
  readonly meaning: string;
  readonly fix: string;
  readonly retry: Retry;
}

/** ERROR_WSMAN_OPERATION_TIMEDOUT. */
export const operationTimedOut = 2150858793;

/** ERROR_WSMAN_ENUMERATE_TIMED_OUT: a Pull got nothing within its time; the enumeration is still good. */
export const enumerationTimedOut = 2150858780;

/** ERROR_WSMAN_UNEXPECTED_SELECTORS: Windows says so when the shell or the command doesn't exist (any more). */
const shellNotFound = 2150858843;

/** ERROR_OPERATION_ABORTED: the pending Receive was cancelled by a Delete or Signal, or the service stopped. */
const operationAborted = 995;

const accessDenied: KnownFault = {
  failure: 'wire/access-denied',
  meaning: 'the account may log on, but not use WinRM or this resource',
  fix: 'put the account into Administrators on the host; for a local account other than Administrator, set LocalAccountTokenFilterPolicy to 1',
  retry: 'never',
};
const logonFailure: KnownFault = {
  failure: 'auth/refused',
  meaning: 'user name or password is wrong',
  fix: 'check user name, password and domain, and that the account is neither locked nor expired',
  retry: 'never',
};
const shellGone: KnownFault = {
  failure: 'wire/shell-gone',
  meaning: 'the shell or command does not exist on the host any more',
  fix: 'it ends when WinRM restarts, when the shell idles too long or when somebody removes it: run again',
  retry: 'new-session',
};
const tooLarge: KnownFault = {
  failure: 'wire/too-large',
  meaning: 'a message is larger than the host allows',
  fix: 'raise MaxEnvelopeSizekb on the host: winrm set winrm/config @{MaxEnvelopeSizekb="500"}',
  retry: 'never',
};
const commandTooLong: KnownFault = {
  failure: 'command/too-long',
  meaning: 'the command line is longer than Windows takes',
  fix: 'request fewer ports at once',
  retry: 'never',
};

function quota(meaning: string, fix: string): KnownFault {
  return { failure: 'wire/quota', meaning, fix, retry: 'new-session' };
}
function fault(meaning: string, fix: string, retry: Retry = 'never'): KnownFault {
  return { failure: 'wire/fault', meaning, fix, retry };
}

/** Where a shell's processes are at MaxMemoryPerShellMB, or the host itself is: a command that was started may have been stopped half way. */
const outOfMemory = fault(
  'there is not enough memory for the shell on the host',
  'raise MaxMemoryPerShellMB on the host: winrm set winrm/config/winrs @{MaxMemoryPerShellMB="1024"}, then restart WinRM',
  'new-session',
);

const timedOut: KnownFault = {
  failure: 'deadline/request',
  meaning: 'the operation did not end within its time',
  fix: 'run again, with a longer operation timeout',
  retry: 'same-request',
};

const waitFix = 'wait a minute, end other remote sessions of this account, or run with fewer hosts at once';
const reportFix = 'run again with --debug and report the output';
const disabledFix =
  'enable remote shell access on the host: winrm set winrm/config/winrs @{AllowRemoteShellAccess="true"}';

const byCode: ReadonlyMap<number, KnownFault> = new Map<number, KnownFault>([
  [5, accessDenied],
  [2147942405, accessDenied],
  [2150859012, accessDenied],
  [2150859013, accessDenied],
  [2150859014, accessDenied],
  [1326, logonFailure],
  [2147943726, logonFailure],
  // ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY and ERROR_NOT_ENOUGH_QUOTA, bare and as HRESULT.
  [8, outOfMemory],
  [14, outOfMemory],
  [1816, outOfMemory],
  [2147942408, outOfMemory],
  [2147942414, outOfMemory],
  [2147944216, outOfMemory],
  [87, fault('a parameter is incorrect', reportFix)],
  [170, fault('the shell is busy', 'run again', 'same-request')],
  [
    operationAborted,
    fault(
      'the operation was cancelled on the host',
      'run again; see whether WinRM was restarted meanwhile',
      'new-session',
    ),
  ],
  [
    2147942402,
    fault('the program was not found on the host', 'check that the program named in the command exists there'),
  ],
  [206, commandTooLong],
  [2147942606, commandTooLong],
  [2147943418, shellGone],
  [shellNotFound, shellGone],
  [2150858752, fault('the resource was not found', 'check that WinRM on the host offers a command shell')],
  [2150858767, fault('a header of the request is invalid', reportFix)],
  [2150858778, fault('a query cannot be processed', reportFix)],
  [
    2150858779,
    fault(
      'the enumeration is not known to the host any more',
      'it ends when nobody pulls for some minutes, or when WinRM restarts: ask again',
      'new-session',
    ),
  ],
  [2150858790, tooLarge],
  [operationTimedOut, timedOut],
  [2150858805, tooLarge],
  [2150858811, fault('the resource is not known to the host', 'check that WinRM on the host offers a command shell')],
  [2150858815, quota('a quota of the host is reached', waitFix)],
  [2150858817, fault('the message does not match its schema', reportFix)],
  [2150858881, fault('the timeout of the request is invalid', 'check the timeouts in the inventory')],
  [2150859025, tooLarge],
  [2150859026, fault('WinRM is not available', 'start it on the host: net start winrm', 'new-session')],
  [2150859027, fault('there is no WinRM at this path', 'check the path: winrm enumerate winrm/config/listener')],
  [
    2150859046,
    fault('the network path timed out', 'check the network and firewall between here and the host', 'new-session'),
  ],
  [2150859173, quota('the account has too many shells open', waitFix)],
  [2150859174, quota('the account has too many operations open', waitFix)],
  [2150859175, quota('the account puts too much load on WinRM', waitFix)],
  [2150859176, quota('the host has too much load on WinRM', waitFix)],
  [2150859177, fault('the group memberships of the account have changed', 'run again', 'new-session')],
  [2150859179, quota('too many accounts have shells open', waitFix)],
  [2150859180, fault('remote shells are not allowed on the host', disabledFix)],
  [2150859229, fault('remote access is disabled on the host', disabledFix)],
  [2150859230, fault('the stream was disconnected', 'run again', 'new-session')],
  [2150859235, fault('the shell plug-in rejects remote connections', disabledFix)],
  [2150859236, quota('the shell plug-in has too many shells', waitFix)],
  [2150859237, quota('the shell plug-in has too many users', waitFix)],
  [2150859238, quota('the plug-in has too many shells', waitFix)],
  [2150859239, quota('the plug-in has too many operations', waitFix)],
  [2150859240, quota('the account has too many operations in the plug-in', waitFix)],
  [2150859241, quota('the shell has too many commands', waitFix)],
  [2150859242, quota('the quota of the plug-in is reached', waitFix)],
]);

// Where a fault has no number: plain SOAP and WS-Addressing faults (pypsrp-inline/test_wsman.L338, OMI).
const bySubcode: ReadonlyMap<string, KnownFault> = new Map<string, KnownFault>([
  ['AccessDenied', accessDenied],
  ['QuotaLimit', quota('a quota of the host is reached', waitFix)],
  ['TimedOut', timedOut],
  ['EncodingLimit', tooLarge],
  ['InvalidSelectors', shellGone],
  ['Concurrency', fault('the host is doing something else with this shell', 'run again', 'same-request')],
  [
    'DestinationUnreachable',
    fault('the resource was not found', 'check that WinRM on the host offers a command shell'),
  ],
  ['MustUnderstand', fault('a header of the request is not understood', reportFix)],
]);

const unknown: KnownFault = fault(
  'it gave a reason this version does not know',
  'read what it said; `winrm helpmsg CODE` on the host explains the number',
);

/** What a fault means, by its number, else by its SOAP code. */
export function findKnownFault(code: number | null, subcode: string | null): KnownFault {
  const found = code === null ? undefined : byCode.get(code);
  return found ?? (subcode === null ? undefined : bySubcode.get(subcode)) ?? unknown;
}
