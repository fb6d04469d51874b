// The faults of WMI requests, one name each. Texts and numbers are those of recordings and of wsmerror.h; what was never recorded is
// marked "modelled". Data; when a fault is due is decided in operations.ts.
import type { LabFault } from '../wsman/soap-faults.ts';

/** ms-wsmv/4.10: no such class, namespace or instance. That a missing namespace is answered alike is modelled. */
export const resourceNotFound: LabFault = {
  action: 'addressing',
  blame: 'Sender',
  subcode: 'a:DestinationUnreachable',
  code: 2150858752,
  reason:
    'The WS-Management service cannot process the request. The service cannot find the resource identified by the resource URI and selectors. ',
  detail: 'ResourceNotFound',
  provider: 'wmi',
};
/** Modelled on Openwsman issue 83. */
export const insufficientSelectors: LabFault = {
  action: 'wsman',
  blame: 'Sender',
  subcode: 'w:InvalidSelectors',
  code: 2150858843,
  reason:
    'The WS-Management service cannot process the request because the request contained invalid selectors for the resource. ',
  detail: 'InsufficientSelectors',
  provider: 'wmi',
};
/** WinRb/soap_fault_v2. */
export const cannotProcessFilter = (message: string, query: string): LabFault => ({
  action: 'enumeration',
  blame: 'Sender',
  subcode: 'n:CannotProcessFilter',
  code: 2150858778,
  reason:
    'The data source could not process the filter. The filter might be missing or it might be invalid. Change the filter and try the request again.  ',
  message,
  provider: 'wmi',
  query,
});
/** wsmerror 2150858777. */
export const unknownDialect: LabFault = {
  action: 'enumeration',
  blame: 'Sender',
  subcode: 'n:FilterDialectRequestedUnavailable',
  code: 2150858777,
  reason: 'The filter dialect (the type associated with the filter) is not supported. ',
};
/** wsmerror 2150859003; subcode modelled. */
export const wqlNeedsStar: LabFault = {
  action: 'wsman',
  blame: 'Sender',
  subcode: 'w:InvalidResourceURI',
  code: 2150859003,
  reason:
    "The resource URI for an enumeration operation with WQL filter must not contain keys and the class name must be '*' (star). ",
};
/** wsmerror 2150858779. */
export const invalidContext: LabFault = {
  action: 'enumeration',
  blame: 'Receiver',
  subcode: 'n:InvalidEnumerationContext',
  code: 2150858779,
  reason:
    'The WS-Enumeration context in the enumeration is not valid. Enumeration may have been completed or canceled. ',
};
/** wsmerror 2150859181; subcode modelled. */
export const pullNotAsEnumerate: LabFault = {
  action: 'wsman',
  blame: 'Sender',
  subcode: 'w:UnsupportedFeature',
  code: 2150859181,
  reason: 'The parameters for the Pull request must be the same as those specified in the Enumerate request. ',
};
