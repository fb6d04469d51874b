// Names of WS-Management on Windows: XML namespaces, resource URIs, actions, options and signal codes, each with its section.
// Only names: what is said with them stands in requests.ts, responses.ts and fault.ts.
// Sources: MS-WSMV (sections beside each), DSP0226; wsman.md section 2.2.

/** XML namespaces [MS-WSMV 2.2.1]. Messages are read by these, never by a prefix. */
export const ns = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  transfer: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  /** Enumerate, Pull, Release (WS-Enumeration 2004/09; DSP0226 section 8). */
  enumeration: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
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
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
  /** References and dates inside CIM instances (DSP0230). */
  cim: 'http://schemas.dmtf.org/wbem/wscim/1/common',
} as const;

/** Beginning of the resource URI of every WMI class [MS-WSMV 4.1]: namespace with `/`, then the class; `*` with a WQL filter (wsman.md 7.1). */
export const wmiUri = 'http://schemas.microsoft.com/wbem/wsman/1/wmi';
/** Dialect of a w:Filter that is a WQL query (wsman.md 7.1; WinRb and txwinrm send it). */
export const wqlDialect = 'http://schemas.microsoft.com/wbem/wsman/1/WQL';

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
  get: 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get',
  enumerate: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate',
  pull: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull',
  release: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release',
} as const;

/** Fault actions seen on Windows: of WS-Management, WS-Addressing (MustUnderstand, DestinationUnreachable), WS-Enumeration. */
export const faultActions = {
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing/fault',
  enumeration: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration/fault',
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
