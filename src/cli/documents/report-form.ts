// The form of `report --format json`: the one view of a fleet that every report is made from. It describes; nothing is read by it.
// Source: report/fleet-view.ts and report/port-map.ts, to which the compiler holds it.
import * as z from 'zod';
import { planHeadline } from './headline-form.ts';
import type { FleetView, HostView, PortsView, StepView } from '../../report/view/fleet-view.ts';
import { standings, type Standing, type Tone } from '../../report/view/human-words.ts';
import type { PortHolder, PortMap } from '../../report/view/port-map.ts';
import { formOf } from '../../forms/form.ts';
import { driftPoint } from '../../forms/history-forms.ts';
import { count, family, moment, protocol, range, text } from '../../forms/value-forms.ts';
import { failure, finding, origin, presence } from '../../forms/plan-forms.ts';
import { desiredExclusion } from '../../forms/desired-forms.ts';

const standing = formOf<Standing>()(z.enum(standings));
const tone = formOf<Tone>()(z.enum(['bad', 'warn', 'todo', 'good', 'idle']));

const reservations = [
  'reserved',
  'not reserved',
  'until reboot only',
  'after reboot only',
  'until reboot at least',
  'partly reserved',
  'taken by Windows',
  'not read',
] as const;

const portMap = formOf<PortMap>()(
  z
    .strictObject({
      family,
      protocol,
      dynamicRange: range.nullable(),
      exclusions: z.array(z.strictObject({ range, administered: z.boolean(), presence })),
      isPersistentShown: z.boolean(),
      unreadStores: z.array(z.enum(['active', 'persistent'])),
    })
    .meta({ id: 'PortMap' }),
);

const portHolder = formOf<PortHolder>()(
  z.strictObject({ family, protocol, port: count, listening: z.boolean(), who: text }),
);

const ports = formOf<PortsView>()(
  z.strictObject({
    before: z.array(portMap),
    after: z.array(portMap).nullable(),
    afterIs: z.enum(['planned', 'shown']).nullable(),
    holders: z.array(portHolder),
    checks: z.array(
      z.strictObject({
        desired: desiredExclusion,
        family,
        before: z.enum(reservations),
        after: z.enum([...reservations, 'in doubt']).nullable(),
        holders: z.array(text).nullable(),
      }),
    ),
  }),
);

const step = formOf<StepView>()(
  z.strictObject({
    number: count,
    sign: z.enum(['+', '-', '~']),
    sentence: text,
    result: z.enum(['done', 'not-needed', 'failed', 'in-doubt', 'planned', 'not-run', 'open']),
    rolledBack: z.boolean(),
    lines: z.array(text),
    undoLines: z.array(text),
    happenings: z.array(
      z.strictObject({
        at: moment,
        kind: z.enum(['sent', 'answered', 'lost', 'finished']),
        direction: z.enum(['do', 'undo']),
        text,
      }),
    ),
  }),
);

const host = formOf<HostView>()(
  z.strictObject({
    host: text,
    standing,
    words: text,
    tone,
    detail: text,
    failure: failure.nullable(),
    groups: z.array(text),
    batch: count.nullable(),
    windows: text.nullable(),
    exchange: text.nullable(),
    collectedAt: moment.nullable(),
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    desired: z.array(desiredExclusion),
    ports: ports.nullable(),
    steps: z.array(step),
    findings: z.array(finding),
    gaps: z.array(z.strictObject({ question: text, reason: text, refused: z.literal(true).optional() })),
    origin: origin.nullable(),
  }),
);

export const fleetView = formOf<FleetView>()(
  z.strictObject({
    kind: z.enum(['apply', 'rollback', 'plan', 'verify', 'snapshot']),
    title: text,
    run: text.nullable(),
    at: moment,
    finishedAt: moment.nullable(),
    about: z.array(z.strictObject({ label: text, value: text })),
    headline: planHeadline.nullable(),
    drift: z.array(driftPoint).exactOptional().describe('By the histories of the hosts; left out: there are none'),
    alerts: z.array(text),
    playbookFile: text.nullable(),
    hosts: z.array(host),
    timeline: z.array(z.strictObject({ at: moment, text, tone })),
  }),
);
