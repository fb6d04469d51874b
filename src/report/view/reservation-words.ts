// What a reservation is called in `collect`, in reports and in their JSON. It judges nothing: model/rules/reservation.ts does.
import type { ReservationState } from '../../model/rules/reservation.ts';

export const reservationWords = {
  reserved: 'reserved',
  'active-only': 'until reboot only',
  'persistent-only': 'after reboot only',
  'not-shown': 'until reboot at least',
  'partly-reserved': 'partly reserved',
  'not-reserved': 'not reserved',
  foreign: 'taken by Windows',
  'not-read': 'not read',
} as const satisfies Readonly<Record<ReservationState, string>>;

export type ReservationWords = (typeof reservationWords)[ReservationState];
