// The faults a Windows WinRM service answers with, one name each. Texts and numbers are those of recordings;
// what was never recorded is marked "modelled". Data; when a fault
// is due is decided in winrm-service.ts, its XML is made in fault-xml.ts.
// Source: wsman-samples (file beside each), wsman-error-codes.tsv; MS-WSMV 2.2.4.43 (WSManFault), 3.1.4.1.31.

export interface LabFault {
  readonly action: 'wsman' | 'addressing' | 'enumeration';
  readonly blame: 'Sender' | 'Receiver';
  readonly subcode: string;
  readonly code: number;
  readonly reason: string;
  /** The message inside WSManFault, where it differs from the reason. */
  readonly message?: string;
  /** Last part of the w:FaultDetail URI. */
  readonly detail?: string;
  /** The provider that speaks: the shell plug-in; or the shell provider or WMI, which nest a second WSManFault. */
  readonly provider?: 'plugin' | 'shell' | 'wmi';
  /** The WQL query that WMI complains of, in an __ExtendedStatus. */
  readonly query?: string;
  /** Written as MSFT_WmiError instead of WSManFault (WinRM 3 quotas, WinRb/wmi_error_v2). */
  readonly wmi?: boolean;
}

const sender = (subcode: string, code: number, reason: string, more: Partial<LabFault> = {}): LabFault => ({
  action: subcode.startsWith('a:') ? 'addressing' : 'wsman',
  blame: 'Sender',
  subcode,
  code,
  reason,
  ...more,
});
const receiver = (subcode: string, code: number, reason: string, more: Partial<LabFault> = {}): LabFault => ({
  ...sender(subcode, code, reason, more),
  blame: 'Receiver',
});

const invalidSelectors =
  'The WS-Management service cannot process the request because the request contained invalid selectors for the resource. ';

/** pypsrp/test_winrs_operation_timeout.03; the two blanks at the end are Windows'. */
export const timedOut = receiver(
  'w:TimedOut',
  2150858793,
  'The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ',
);
/** pypsrp/test_psrp_is_alive_invalid_selectors.04. */
export const unknownShell = sender('w:InvalidSelectors', 2150858843, invalidSelectors, {
  detail: 'UnexpectedSelectors',
  provider: 'shell',
});
/** pypsrp/test_winrs_bad_cmd_id.02. */
export const unknownCommand = sender('w:InvalidSelectors', 2150858843, invalidSelectors, {
  detail: 'UnexpectedSelectors',
  message:
    'The Windows Remote Shell received a request to perform an operation on a command identifier that does not exist. ' +
    'Either the command has completed execution or the client specified an invalid command identifier. ',
});
/** Openwsman issue 83: no ShellId at all. */
export const missingShellSelector = sender('w:InvalidSelectors', 2150858843, invalidSelectors, {
  detail: 'InsufficientSelectors',
  message: 'The WS-Management service cannot process the request. It requires the following selector: ShellId. ',
});
/** pypsrp/test_winrs_fail_poll_process.01. */
export const invalidParameter = sender('w:InvalidParameter', 87, 'The parameter is incorrect. ', {
  detail: 'InvalidValue',
  provider: 'plugin',
});
/** masterzen/executeCommandResponseWithError. */
export const commandTooLong = receiver('w:InternalError', 2147942606, 'The filename or extension is too long. ', {
  provider: 'plugin',
});
/** pypsrp/test_winrs_no_cmd_shell.01. */
export const fileNotFound = receiver('w:InternalError', 2147942402, 'The system cannot find the file specified. ', {
  provider: 'plugin',
});
/** Win32 995; subcode modelled. */
export const operationAborted = receiver(
  'w:InternalError',
  995,
  'The I/O operation has been aborted because of either a thread exit or an application request. ',
);
/** MS-WSMV 3.1.4.1.31.8: a chunked request; Win32 50. */
export const chunkedRequest = receiver('w:InternalError', 50, 'The request is not supported. ');
/** Win32 5; modelled, no recording of the body exists (wsman-samples/INDEX.md). */
export const accessDenied = sender('w:AccessDenied', 5, 'Access is denied. ');
/** MS-WSMV 3.1.4.1.7: MaxEnvelopeSize below 8192. */
export const encodingLimit = sender(
  'w:EncodingLimit',
  2150858805,
  'The WS-Management service cannot process the request because the encoding of the request exceeds an internal encoding ' +
    'limit. Reconfigure the client to send messages which fit the encoding limits of the service. ',
  { detail: 'MinimumEnvelopeLimit' },
);
/** MS-WSMV 3.1.4.1.8-9: Locale or DataLocale with mustUnderstand; wsmerror 2150858887. */
export const localeMustBeHint = sender(
  'w:UnsupportedFeature',
  2150858887,
  'The WS-Management service cannot guarantee that all data is returned in the requested locale as some data sources may ' +
    'not be able to comply. Resend the remote request with locale as a hint (the SOAP header should have ' +
    'mustUnderstand="false") ',
  { detail: 'Locale' },
);
/** MS-WSMV 3.1.4.1.3: any ReplyTo but the anonymous one. */
export const unsupportedReplyTo = sender(
  'w:UnsupportedFeature',
  2150858818,
  'The WS-Management service does not support the specified feature. Remove the unsupported feature from the request and retry. ',
  { detail: 'AddressingMode' },
);
/** MS-WSMV 3.1.4.1.3: a header that must be there; text and number from wsmerror.h. */
export const missingHeader = sender(
  'a:MessageInformationHeaderRequired',
  2150858769,
  'The WS-Management service cannot process the request. The request does not have all the expected SOAP headers. ',
);
/** pypsrp/test_psrp_is_alive_other_wsman_error.03. */
export const invalidTimeout = (text: string): LabFault =>
  sender(
    'a:InvalidMessageInformationHeader',
    2150858767,
    'The WS-Management service cannot process the request. The request contains one or more invalid SOAP headers. ',
    {
      message: `The WS-Management service cannot process the request. The XML contains an invalid timeout field in the SOAP header: ${text}. `,
    },
  );
/** pypsrp-inline/test_wsman.L443. */
export const schemaError = (elementName: string): LabFault =>
  sender(
    'w:SchemaValidationError',
    2150858817,
    'The SOAP XML in the message does not match the corresponding XML schema definition. Change the XML and retry. ',
    {
      message: `The Windows Remote Shell cannot process the request. The SOAP packet contains an element ${elementName} that is invalid. Retry the request with the correct XML element. `,
    },
  );
export const actionNotSupported = sender(
  'a:ActionNotSupported',
  2150858771,
  'The WS-Management service does not support the action specified in the request. ',
);
export const invalidResourceUri = sender(
  'w:InvalidResourceURI',
  2150858811,
  'The WS-Management service cannot process the request. The resource URI is missing or it has an incorrect format. Check ' +
    'the documentation or use the following command for information on how to construct a resource URI: "winrm help uris". ',
);
/** WinRb/wmi_error_v2 (WinRM 3); WinRM 2 said it in a WSManFault. */
export const tooManyShells = (quota: number, wmi: boolean): LabFault =>
  sender(
    'w:QuotaLimit',
    2150859173,
    'The WS-Management service cannot process the request. The maximum number of concurrent shells for this user has been ' +
      'exceeded. Close existing shells or raise the quota for this user. ',
    {
      message: `The WS-Management service cannot process the request. This user is allowed a maximum number of ${quota} concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user. `,
      wmi,
    },
  );
/** wsmerror 2150859174; the number of the quota stands in the text (wsman.md section 2.10). */
export const tooManyOperations = (quota: number): LabFault =>
  sender(
    'w:QuotaLimit',
    2150859174,
    'The WS-Management service cannot process the request. The maximum number of concurrent operations for this user has ' +
      'been exceeded. Close existing operations for this user, or raise the quota for this user. ',
    {
      message: `The WS-Management service cannot process the request. This user is allowed a maximum number of ${quota} concurrent operations, which has been exceeded. Close existing operations for this user, or raise the quota for this user. `,
    },
  );

/** The fault with this number: the recorded one where there is one, else a bare one. For mishaps. */
/** `text`: said instead of Windows' own words. */
export function faultWithCode(code: number, text?: string): LabFault {
  const known = [
    timedOut,
    unknownShell,
    invalidParameter,
    commandTooLong,
    fileNotFound,
    operationAborted,
    accessDenied,
    tooManyShells(30, true),
    tooManyOperations(1500),
  ].find((fault) => fault.code === code);
  const fault =
    known ?? receiver('w:InternalError', code, `The WS-Management service cannot process the request (${code}). `);
  return text === undefined ? fault : { ...fault, reason: text, message: text };
}
