// What Windows takes as a dynamic range, and the order in which a range found can be told from one desired. It asks nobody.
// Source: facts windows.md section 3 (at least 255 ports, end up to 65535); published commands start at 1024 at the lowest.
import { lastPort, highestPort, type PortRange } from '../port-range.ts';

export const fewestDynamicPorts = 255;
/** The lowest start of a range that Fencepost sets; 1024 is seen in the field, so that it can be set back. */
export const lowestDesiredStart = 1025;
const lowestStart = 1024;

/** Whether netsh sets this range, so that it can be brought back. */
export function isSettable(range: PortRange): boolean {
  return range.firstPort >= lowestStart && range.portCount >= fewestDynamicPorts && lastPort(range) <= highestPort;
}
