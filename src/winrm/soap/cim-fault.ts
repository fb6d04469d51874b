// Faults of CIM requests whose numbers mean something else there than with shells: what was asked about isn't on the host. The rest is
// fault.ts's. By numbers only. Sources: wsmerror.h, WBEMSTATUS (MS-WMI 2.2.11); ms-wsmv/4.10; WinRb/soap_fault_v2 (a missing class).
import { Failure } from '../../model/failure.ts';
import { createFaultFailure } from './fault.ts';
import type { WsManFault } from './fault.ts';

const notThere: ReadonlyMap<number, string> = new Map([
  [2150858752, 'there is no such class, namespace or instance'],
  [2150858754, 'there is no such class or namespace'],
  // The same number for a class that isn't there and for a mistake in a query.
  [2150858778, 'there is no such class or namespace, or the query has a mistake'],
  [2150858811, 'there is no such class or namespace'],
  [2150858843, 'there is no instance with these selectors'],
  // WBEM_E_NOT_FOUND, _INVALID_NAMESPACE, _INVALID_CLASS, _INVALID_QUERY.
  [0x80041002, 'there is no such instance'],
  [0x8004100e, 'there is no such namespace'],
  [0x80041010, 'there is no such class'],
  [0x80041017, 'the query has a mistake'],
]);

/** A fault that answers a CIM request, as a Failure. `where`: the host it came from. */
export function createCimFaultFailure(fault: WsManFault, where: string): Failure {
  const known = fault.code === null ? undefined : notThere.get(fault.code);
  const meaning =
    known ??
    (fault.code === null && fault.subcode === 'DestinationUnreachable'
      ? 'there is no such class or instance'
      : undefined);
  if (meaning === undefined) return createFaultFailure(fault, where);
  const said = fault.providerText ?? fault.reason;
  const number = fault.code === null ? (fault.subcode ?? '') : String(fault.code);
  return new Failure('cim/not-found', `${meaning} (${number})${said === '' ? '' : `; it said: ${said}`}`, {
    where,
    hint: 'check namespace, class and selectors; a class may be newer than this Windows (root/StandardCimv2 came with Windows Server 2012)',
  });
}
