// Where notes go, as the operator's policy says. Secrets stay references: they are read when something is sent.
import type { Proxy, SecretRef } from '../target.ts';
import type { NoteEvent } from './note.ts';

/** What a channel may be called. */
export const channelNamePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;
export const channelNameWords = 'a name of letters, digits, - and _, at most 40';

export interface Channel {
  /** What a playbook and messages call it. */
  readonly name: string;
  /** What it is told of, whatever a playbook says. */
  readonly events: readonly NoteEvent[];
  readonly way: ChannelWay;
}

export type ChannelWay = WebhookWay | MailWay;

export const webhookKinds = ['webhook', 'teams', 'slack'] as const;
export type WebhookKind = (typeof webhookKinds)[number];

export interface WebhookWay {
  readonly kind: WebhookKind;
  /** An address, which for most services is a secret itself. */
  readonly url: SecretRef;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: SecretRef | null;
  /** PEM file; null: the system's authorities. */
  readonly caFile: string | null;
  /** Null: reached directly. */
  readonly proxy: Proxy | null;
}

/** starttls: asked for and required; tls: from the first byte; none: in clear, to this machine only. */
export const mailSecurities = ['starttls', 'tls', 'none'] as const;
type MailSecurity = (typeof mailSecurities)[number];

export interface MailWay {
  readonly kind: 'mail';
  readonly server: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly login: { readonly username: string; readonly password: SecretRef } | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly caFile: string | null;
}
