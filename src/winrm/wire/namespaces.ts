// Names of WS-Management on Windows: XML namespaces, resource URIs, actions, options and signal codes, each with its section.
// Only names: what is said with them stands in requests.ts, responses.ts and fault.ts.
// Sources: MS-WSMV (sections beside each), DSP0226; wsman.md section 2.2.

/** XML namespaces [MS-WSMV 2.2.1]. Messages are read by these, never by a prefix. */
export const ns = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  transfer: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  /** DSP0226. */
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  /** Microsoft's additions (DataLocale, SessionId). */
  wsmanMicrosoft: 'http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd',
  /** Text-based command shell [2.2.4]. */
  shell: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell',
  /** WSManFault [2.2.4.43]. */
  fault: 'http://schemas.microsoft.com/wbem/wsman/1/wsmanfault',
  /** MSFT_WmiError, the fault detail of WinRM 3 quotas (WinRb/wmi_error_v2.xml). */
  wmiError: 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError',
  /** Identify [3.1.4.1.23]. */
  identity: 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd',
  xml: 'http://www.w3.org/XML/1998/namespace',
} as const;

/** The command shell's resource URI [MS-WSMV 3.1.4.5.2]. */
export const cmdShellUri = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd';

/** The only ReplyTo address that Windows accepts [MS-WSMV 3.1.4.1.3]. */
export const anonymousRole = 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous';

/** Request actions [MS-WSMV 3.1.4]; an answer's action is the same with `Response` at its end. */
export const actions = {
  create: 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Create',
  delete: 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete',
  command: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Command',
  receive: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Receive',
  send: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Send',
  signal: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Signal',
} as const;

/** Fault actions seen on Windows: of WS-Management, and of WS-Addressing (MustUnderstand, DestinationUnreachable). */
export const faultActions = {
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing/fault',
} as const;

/** Signal codes [MS-WSMV 2.2.4.38]. `terminate` ends the command; the two others ask it to end. */
export const signalCodes = {
  terminate: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/terminate',
  ctrl_c: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/ctrl_c',
  ctrl_break: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/ctrl_break',
} as const;
export type SignalCode = keyof typeof signalCodes;

/** States of a command in a ReceiveResponse [MS-WSMV 2.2.4.11]. */
export const commandStates = {
  done: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done',
  running: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Running',
  pending: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Pending',
} as const;

/** Option names on Create and Command [MS-WSMV 2.2.4.37, 3.1.4.11, note 110]. */
export const shellOptions = {
  noProfile: 'WINRS_NOPROFILE',
  codePage: 'WINRS_CODEPAGE',
  consoleModeStdin: 'WINRS_CONSOLEMODE_STDIN',
  skipCmdShell: 'WINRS_SKIP_CMD_SHELL',
} as const;

/** The selector that names a shell on everything after Create. Its name is compared without case [MS-WSMV 3.1.4.1.2]. */
export const shellIdSelector = 'ShellId';
