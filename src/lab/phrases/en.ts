// English Windows. excl-tcp-en-1 to -7, dyn-tcp-en-1, err-texts-en-1, err-elevation-en-1, ver-lines-1; sc, tasklist and reg:
// general knowledge (windows.md section 5), no recording in the facts.
import type { Wording } from './wording.ts';

export const english: Wording = {
  exclusionTitles: ['Protocol {protocol} Port Exclusion Ranges'],
  exclusionColumns: 'Start Port    End Port',
  exclusionDashes: ['----------    --------'],
  footnotes: ['* - Administered port exclusions.'],
  dynamicTitle: 'Protocol {protocol} Dynamic Port Range',
  dynamicStart: 'Start Port      : ',
  dynamicCount: 'Number of Ports : ',
  ok: 'Ok.',
  unknownCommand: 'The following command was not found: {command}.',
  versionWord: 'Version',
  netstat: {
    title: 'Active Connections',
    columns: '  Proto  Local Address          Foreign Address        State           ',
    listening: 'LISTENING',
    established: 'ESTABLISHED',
  },
  serviceControl: {
    serviceName: 'SERVICE_NAME',
    type: 'TYPE',
    state: 'STATE',
    win32ExitCode: 'WIN32_EXIT_CODE',
    serviceExitCode: 'SERVICE_EXIT_CODE',
    checkpoint: 'CHECKPOINT',
    waitHint: 'WAIT_HINT',
    startType: 'START_TYPE',
    displayName: 'DISPLAY_NAME',
    dependencies: 'DEPENDENCIES',
    startName: 'SERVICE_START_NAME',
    success: 'SUCCESS',
    failed: ' FAILED {code}:',
  },
  notAvailable: 'N/A',
  notRecognized:
    "'{name}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
  registryMissing: 'ERROR: The system was unable to find the specified registry key or value.',
  system: {
    inUse: 'The process cannot access the file because it is being used by another process.',
    elevation: 'The requested operation requires elevation (Run as administrator).',
    // The next four as netsh's own answer: not recorded (windows.md section 2, marked U).
    exists: 'The object already exists.',
    fileNotFound: 'The system cannot find the file specified.',
    accessDenied: 'Access is denied.',
    invalidParameter: 'The parameter is incorrect.',
    alreadyRunning: 'An instance of the service is already running.',
    noSuchService: 'The specified service does not exist as an installed service.',
    notStarted: 'The service has not been started.',
    cannotAcceptControl: 'The service cannot accept control messages at this time.',
  },
};
