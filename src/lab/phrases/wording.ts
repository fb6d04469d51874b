// What one language of Windows prints, as data. Every string stands as it was recorded; what nobody recorded is marked
// "not recorded" and is there only so that the lab has something to say: no reader may depend on words.

/** Labels of `sc`, without colon. */
interface ServiceControlWords {
  readonly serviceName: string;
  readonly type: string;
  readonly state: string;
  readonly win32ExitCode: string;
  readonly serviceExitCode: string;
  readonly checkpoint: string;
  readonly waitHint: string;
  readonly startType: string;
  readonly displayName: string;
  readonly dependencies: string;
  readonly startName: string;
  readonly success: string;
  /** `{code}` stands for the error number. */
  readonly failed: string;
}

interface NetstatWords {
  readonly title: string;
  /** The column line up to the PID column, as wide as the rows. */
  readonly columns: string;
  readonly listening: string;
  readonly established: string;
}

/** Sentences of the system, by what they mean. */
interface SystemSentences {
  readonly inUse: string;
  readonly elevation: string;
  readonly exists: string;
  readonly fileNotFound: string;
  readonly accessDenied: string;
  readonly invalidParameter: string;
  readonly alreadyRunning: string;
  readonly noSuchService: string;
  readonly notStarted: string;
  readonly cannotAcceptControl: string;
}

export interface Wording {
  /** Titles of `show excludedportrange`; `{protocol}` stands for tcp or udp. Newer releases print the first, older the last. */
  readonly exclusionTitles: readonly string[];
  readonly exclusionColumns: string;
  readonly exclusionDashes: readonly string[];
  readonly footnotes: readonly string[];
  readonly dynamicTitle: string;
  /** The whole label, padding and colon included. */
  readonly dynamicStart: string;
  readonly dynamicCount: string;
  readonly ok: string;
  /** `{command}` stands for the words after `netsh`. */
  readonly unknownCommand: string;
  /** The word before the number in `ver`. */
  readonly versionWord: string;
  readonly netstat: NetstatWords;
  readonly serviceControl: ServiceControlWords;
  /** tasklist's word for "no services". */
  readonly notAvailable: string;
  /** The line of cmd about a program that is not there; `{name}`; lines end with CRLF. */
  readonly notRecognized: string;
  readonly registryMissing: string;
  readonly system: SystemSentences;
}
