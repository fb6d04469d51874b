// Which program may hold a back end's port beside the service itself: its worker, when it was started by hand.
// Source: facts windows.md section 4 (service programs and workers of the POP3 and IMAP4 back ends).

const workers: Readonly<Record<string, string>> = {
  msexchangeimap4be: 'Microsoft.Exchange.Imap4.exe',
  msexchangepop3be: 'Microsoft.Exchange.Pop3.exe',
};

/** Image name of the service's worker; null for a service that has none known. */
export function findWorkerImage(service: string): string | null {
  return workers[service.toLowerCase()] ?? null;
}
