// The operations on CIM instances: Get, Enumerate, Pull, Release and methods, each from a request that passed the header checks to an
// answer's body or a fault. Sources: DSP0226 sections 7-9, MS-WSMV 4.1; what was seen of Windows stands in wsman.md section 7.
import { ns, wmiUri, wqlDialect } from '../../winrm/soap/namespaces.ts';
import { child, element, textOf } from '../../winrm/soap/xml.ts';
import type { XmlElement } from '../../winrm/soap/xml.ts';
import { findClass } from './classes.ts';
import type { CimClass } from './classes.ts';
import { writeFragment, writeInstance, writeMethodOutput } from './instance-xml.ts';
import type { EnumerationTable } from './enumerations.ts';
import type { Machine } from '../machine/machine.ts';
import type { OperationResult } from '../wsman/shell-operations.ts';
import type { SoapRequest } from '../wsman/soap.ts';
import * as faults from './faults.ts';
import { accessDenied, actionNotSupported } from '../wsman/soap-faults.ts';
import { readWql } from './wql.ts';

export interface CimService {
  readonly machine: Machine;
  readonly enumerations: EnumerationTable;
  /** The WMI plug-in answers others, too, but the namespaces' Remote Enable is for administrators (wsman.md section 7.5). */
  readonly elevated: boolean;
}

/** Characters of items in one PullResponse: what 2008 R2 and 2012 were seen to send (wsman.md section 7.1). */
const pullCharacters = 76_000;
/** Without a MaxElements, one instance comes with each answer [DSP0226 8.4]. */
const fewestElements = 1;

const answer = (body: string): OperationResult => ({ kind: 'answer', body });
const refuse = (fault: Extract<OperationResult, { kind: 'fault' }>['fault']): OperationResult => ({
  kind: 'fault',
  fault,
});

/** Null: the resource is no WMI class. */
export function performCim(service: CimService, request: SoapRequest): OperationResult | null {
  const place = readClassUri(request.resourceUri ?? '');
  if (place === null) return null;
  if (!service.elevated) return refuse(accessDenied);
  switch (request.operation) {
    case 'get':
      return getInstance(service, request, place);
    case 'enumerate':
      return startEnumeration(service, request, place);
    case 'pull':
      return pullInstances(service, request);
    case 'release':
      return releaseEnumeration(service, request);
    case 'invoke':
      return invokeMethod(service, request, place);
    default:
      return refuse(actionNotSupported);
  }
}

interface ClassPath {
  readonly namespace: string;
  readonly className: string;
}

function readClassUri(resourceUri: string): ClassPath | null {
  if (!resourceUri.toLowerCase().startsWith(`${wmiUri}/`)) return null;
  const parts = resourceUri.slice(wmiUri.length + 1).split('/');
  return { namespace: parts.slice(0, -1).join('/'), className: parts.at(-1) ?? '' };
}

function getInstance(
  { machine }: CimService,
  request: SoapRequest,
  { namespace, className }: ClassPath,
): OperationResult {
  const cimClass = findClass(machine, namespace, className);
  if (cimClass === null) return refuse(faults.resourceNotFound);
  const instance = selectInstance(machine, cimClass, request);
  if (instance === 'insufficient') return refuse(faults.insufficientSelectors);
  return instance === null ? refuse(faults.resourceNotFound) : answer(writeInstance(cimClass, instance));
}

function selectInstance(machine: Machine, cimClass: CimClass, { selectors }: SoapRequest) {
  const { key } = cimClass;
  const instances = cimClass.instances(machine);
  if (key === null) return instances[0] ?? null;
  const wanted = selectors.get(key.toUpperCase());
  if (wanted === undefined) return 'insufficient';
  return instances.find((one) => one[key]?.toLowerCase() === wanted.toLowerCase()) ?? null;
}

function startEnumeration(service: CimService, request: SoapRequest, place: ClassPath): OperationResult {
  const wanted = child(request.body, ns.enumeration, 'Enumerate');
  const filter = wanted === null ? null : child(wanted, ns.wsman, 'Filter');
  const items = filter === null ? listInstances(service, place) : queryInstances(service, place, filter);
  if (!Array.isArray(items)) return refuse(items);
  const isOptimized = wanted !== null && child(wanted, ns.wsman, 'OptimizeEnumeration') !== null;
  const maxElements = readMaxElements(wanted, ns.wsman);
  // Of several instances exactly one comes with the first answer, whatever MaxElements says (wsman.md section 7.1: 2008 R2 and 2012).
  const first = isOptimized ? items.slice(0, 1) : [];
  const left = items.slice(first.length);
  const isEnd = isOptimized && left.length === 0;
  const context = isEnd ? '' : service.enumerations.keep({ left, maxElements });
  return answer(
    element(
      'n:EnumerateResponse',
      { 'xmlns:n': ns.enumeration },
      element('n:EnumerationContext', {}, context) +
        (isOptimized ? element('w:Items', {}, first.join('')) : '') +
        (isEnd ? element('w:EndOfSequence', {}) : ''),
    ),
  );
}

function listInstances({ machine }: CimService, { namespace, className }: ClassPath) {
  const cimClass = findClass(machine, namespace, className);
  if (cimClass === null) return faults.resourceNotFound;
  return cimClass.instances(machine).map((one) => writeInstance(cimClass, one));
}

function queryInstances({ machine }: CimService, { namespace, className }: ClassPath, filter: XmlElement) {
  const dialect = filter.attributes.get('Dialect');
  if (dialect !== wqlDialect) return faults.unknownDialect;
  // The class stands in the query (wsmerror 2150859003).
  if (className !== '*') return faults.wqlNeedsStar;
  const query = readWql(filter.text);
  if (query === null) return faults.cannotProcessFilter('Invalid query ', filter.text);
  const cimClass = findClass(machine, namespace, query.className);
  if (cimClass === null) {
    return faults.cannotProcessFilter('The specified class does not exist in the given namespace. ', filter.text);
  }
  const { columns } = query;
  return cimClass
    .instances(machine)
    .filter(query.matches)
    .map((one) => (columns === null ? writeInstance(cimClass, one) : writeFragment(one, columns)));
}

function pullInstances({ enumerations }: CimService, request: SoapRequest): OperationResult {
  const wanted = child(request.body, ns.enumeration, 'Pull');
  const found = enumerations.take(readContext(wanted));
  if (found === null) return refuse(faults.invalidContext);
  const maxElements = readMaxElements(wanted, ns.enumeration);
  if (maxElements !== found.maxElements) return refuse(faults.pullNotAsEnumerate);
  const items = takeFitting(found.left, maxElements);
  const left = found.left.slice(items.length);
  const context = left.length === 0 ? null : enumerations.keep({ left, maxElements });
  return answer(
    element(
      'n:PullResponse',
      { 'xmlns:n': ns.enumeration },
      (context === null ? '' : element('n:EnumerationContext', {}, context)) +
        element('n:Items', {}, items.join('')) +
        (context === null ? element('n:EndOfSequence', {}) : ''),
    ),
  );
}

function releaseEnumeration({ enumerations }: CimService, request: SoapRequest): OperationResult {
  const found = enumerations.take(readContext(child(request.body, ns.enumeration, 'Release')));
  return found === null ? refuse(faults.invalidContext) : answer('');
}

function invokeMethod(
  { machine }: CimService,
  request: SoapRequest,
  { namespace, className }: ClassPath,
): OperationResult {
  const cimClass = findClass(machine, namespace, className);
  if (cimClass === null) return refuse(faults.resourceNotFound);
  const method = (request.action ?? '').split('/').at(-1) ?? '';
  const run = cimClass.methods[method];
  if (run === undefined) return refuse(actionNotSupported);
  const key = request.selectors.get(cimClass.key?.toUpperCase() ?? '');
  if (key === undefined) return refuse(faults.insufficientSelectors);
  const returned = run(machine, key);
  return returned === null ? refuse(faults.resourceNotFound) : answer(writeMethodOutput(cimClass, method, returned));
}

function readContext(wanted: XmlElement | null): string {
  return wanted === null ? '' : (textOf(wanted, ns.enumeration, 'EnumerationContext') ?? '');
}

function readMaxElements(wanted: XmlElement | null, namespace: string): number {
  const text = wanted === null ? null : textOf(wanted, namespace, 'MaxElements');
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fewestElements;
}

function takeFitting(items: readonly string[], maxElements: number): readonly string[] {
  const taken: string[] = [];
  let characters = 0;
  for (const item of items) {
    characters += item.length;
    if (taken.length >= maxElements || (taken.length > 0 && characters > pullCharacters)) break;
    taken.push(item);
  }
  return taken;
}
