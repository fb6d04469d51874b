// Opens the channels that the operator's policies name, for a command that is going to change or to judge hosts. What is wrong with them is a
// warning: nobody is kept from a rollback at night by a line about mail.
import { asFailure, Failure } from '../../model/failure.ts';
import type { Channel } from '../../model/notifications/channel.ts';
import type { FleetPlan } from '../../model/plan.ts';
import type { AskedNotes } from '../../model/strategy.ts';
import type { OperatorPolicy } from '../../policy/operator-policy.ts';
import { noteWindowMissed } from '../../workflows/notify/other-notes.ts';
import type { KnownRun } from '../../workflows/notify/run-notes.ts';
import type { World } from '../compose.ts';
import { readPolicies } from '../inputs.ts';
import type { InventoryArguments, PolicyArguments } from '../options.ts';

/** What a command's notifications are about. */
export interface NotifiedWork {
  /** Of the plan that is carried out, or compared with. */
  readonly asked: readonly AskedNotes[] | undefined;
  /** The run that is gone on with; null: the command starts its own, or none. */
  readonly known: KnownRun | null;
}

export async function openNotifications(
  policies: readonly OperatorPolicy[],
  { asked, known }: NotifiedWork,
  world: Pick<World, 'notifications' | 'say'>,
): Promise<void> {
  try {
    const channels = joinChannels(policies, world);
    const unknown = (asked ?? [])
      .map((one) => one.channel)
      .filter((name) => !channels.some((one) => one.name === name));
    if (unknown.length > 0) {
      world.say(`warning: the playbook notifies ${unknown.join(', ')}, and no policy has such a channel\n`);
    }
    await world.notifications.open({ channels, asked, known });
  } catch (thrown) {
    world.say(`warning: no notifications: ${asFailure(thrown).message}\n`);
  }
}

/** The same for a command that holds no plan against policies, and goes on without one that can't be read. */
export async function openNotificationsBeside(
  args: Pick<InventoryArguments, 'inventory'> & PolicyArguments,
  work: NotifiedWork,
  world: Pick<World, 'notifications' | 'say'>,
): Promise<void> {
  try {
    await openNotifications(await readPolicies(args), work, world);
  } catch (thrown) {
    const { message, where } = asFailure(thrown);
    world.say(`warning: no notifications: ${message}${where === null ? '' : ` (${where})`}\n`);
  }
}

/** A name stands for one channel: the first policy that has it decides. */
export function joinChannels(policies: readonly OperatorPolicy[], { say }: Pick<World, 'say'>): readonly Channel[] {
  const byName = new Map<string, Channel>();
  for (const { channels, file } of policies) {
    for (const channel of channels) {
      if (!byName.has(channel.name)) byName.set(channel.name, channel);
      else say(`warning: ${file}: notify.${channel.name} is in another policy too, and that one is used\n`);
    }
  }
  return [...byName.values()];
}

/** Throws what was thrown, after telling the channels if it is a window that was missed. */
export function tellMissedWindow(
  thrown: unknown,
  plan: FleetPlan,
  { notifications }: Pick<World, 'notifications'>,
): never {
  if (thrown instanceof Failure && thrown.code === 'run/window') {
    const { message } = thrown;
    notifications.tell((origin) => noteWindowMissed(plan, message, origin));
  }
  throw thrown;
}
