// CIM instances as the XML that a Windows WMI plug-in writes: typed elements for whole instances, w:XmlFragment for chosen columns. Pure.
// Source: ms-wsmv/4.1; the __ExtendedStatus instance in WinRb/soap_fault_v2 (xsi:type, nil); wsman.md section 7.1.
import { ns, wmiUri } from '../../winrm/soap/namespaces.ts';
import { element, escapeXml } from '../../winrm/soap/xml.ts';
import type { CimClass, CimProperties } from './classes.ts';

function writeResourceUri({ namespace, name }: CimClass): string {
  return `${wmiUri}/${namespace}/${name}`;
}

/** A whole instance. */
export function writeInstance(cimClass: CimClass, properties: CimProperties): string {
  const names = {
    'xmlns:xsi': ns.xsi,
    'xmlns:p': writeResourceUri(cimClass),
    'xmlns:cim': ns.cim,
    'xsi:type': `p:${cimClass.name}_Type`,
  };
  return element(`p:${cimClass.name}`, names, writeProperties('p:', properties));
}

/** The chosen columns of an instance; a column that the class hasn't got is left out. */
export function writeFragment(properties: CimProperties, columns: readonly string[]): string {
  const chosen = Object.entries(properties).filter(([name]) =>
    columns.some((column) => column.toLowerCase() === name.toLowerCase()),
  );
  return element('w:XmlFragment', { 'xmlns:xsi': ns.xsi }, writeProperties('', Object.fromEntries(chosen)));
}

/** `prefix` is bound to the class for a method's output. */
export function writeMethodOutput(cimClass: CimClass, method: string, returnValue: number): string {
  const names = { 'xmlns:p': writeResourceUri(cimClass) };
  return element(`p:${method}_OUTPUT`, names, element('p:ReturnValue', {}, String(returnValue)));
}

function writeProperties(prefix: string, properties: CimProperties): string {
  return Object.entries(properties)
    .map(([name, value]) =>
      value === null
        ? element(`${prefix}${name}`, { 'xsi:nil': 'true' })
        : element(`${prefix}${name}`, {}, escapeXml(value)),
    )
    .join('');
}
