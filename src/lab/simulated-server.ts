// One simulated server without its sockets: the machine, its WinRM service, its scripted trouble, and who may log on. Built
// from a server's description; fleet.ts puts it behind a port. Pure apart from the machine's state.
import { tlsServerEndPoint, tlsServerEndPointData } from '../winrm/auth/channel-binding.ts';
import type { KerberosService } from '../winrm/auth/kerberos/library.ts';
import type { FramingVariant } from '../winrm/channel/sealed-body.ts';
import { createAcceptor } from './http/acceptor.ts';
import type { Acceptor } from './http/acceptor.ts';
import type { CertificateFlaw } from './http/certificates.ts';
import { createWinrmService } from './wsman/winrm-service.ts';
import type { WinrmService } from './wsman/winrm-service.ts';
import { createHttpHandler } from './http/http-handler.ts';
import type { HttpHandler, RequestRecord } from './http/http-handler.ts';
import type { LabClock } from './lab-clock.ts';
import { buildMachine } from './scenario/build-machine.ts';
import type { Machine } from './machine/machine.ts';
import { createMishapDeck } from './mishaps.ts';
import type { MishapDeck } from './mishaps.ts';
import type { ServerSpec } from './scenario/server-spec.ts';

/** How a server's wire differs from a usual Windows'. */
export interface WireOptions {
  /** False: takes no body with the last NTLM message. */
  readonly type3Body: boolean;
  /** CbtHardeningLevel Strict. */
  readonly requireChannelBinding: boolean;
  readonly framing: FramingVariant;
  /** What is wrong with the certificate; null: nothing. */
  readonly certificateFlaw: CertificateFlaw | null;
}

export const usualWire: WireOptions = {
  type3Body: true,
  requireChannelBinding: false,
  framing: {},
  certificateFlaw: null,
};

export interface SimulationOptions {
  /** `DOMAIN\user` and the password that this server takes. */
  readonly user: string;
  readonly password: string;
  readonly wire: WireOptions;
  /** What takes tickets; null: there is no keytab. */
  readonly kerberos: KerberosService | null;
  readonly clock: LabClock;
  readonly randomBytes: (count: number) => Buffer;
  readonly newGuid: () => string;
  readonly delayMs: number;
  readonly commandMs: number;
  /** Told of every request, when its answer is decided. */
  readonly record: (record: RequestRecord) => void;
}

export interface SimulatedServer {
  readonly machine: Machine;
  readonly service: WinrmService;
  readonly mishaps: MishapDeck;
  readonly httpHandler: HttpHandler;
  /** In the order they were answered. */
  readonly requests: readonly RequestRecord[];
  /** For one new connection. `certificateDer`: what TLS showed on it; null over http. */
  newAcceptor(certificateDer: Buffer | null): Acceptor;
}

export function createSimulatedServer(spec: ServerSpec, options: SimulationOptions): SimulatedServer {
  const { clock, wire } = options;
  const machine = buildMachine(spec);
  const service = createWinrmService({
    machine,
    clock,
    newGuid: options.newGuid,
    commandMs: options.commandMs,
    elevated: spec.rights === 'administrator',
  });
  const mishaps = createMishapDeck(spec.mishaps);
  const requests: RequestRecord[] = [];
  const httpHandler = createHttpHandler({
    scheme: spec.listener,
    service,
    mishaps,
    clock,
    delayMs: options.delayMs,
    record(one) {
      requests.push(one);
      options.record(one);
    },
  });
  const [domain = '', user = ''] = options.user.includes('\\') ? options.user.split('\\', 2) : ['', options.user];
  const computer = spec.name.split('.')[0] ?? spec.name;
  return {
    machine,
    service,
    mishaps,
    httpHandler,
    requests,
    newAcceptor(certificateDer) {
      return createAcceptor({
        tls: certificateDer !== null,
        methods: spec.auth,
        account: { domain, user, password: options.password },
        type3Body: wire.type3Body,
        framing: wire.framing,
        kerberos:
          options.kerberos === null || !spec.auth.includes('kerberos')
            ? null
            : {
                service: options.kerberos,
                channelBinding: certificateDer === null ? null : tlsServerEndPointData(certificateDer),
                requireChannelBinding: wire.requireChannelBinding,
              },
        ntlm: {
          timestamp: spec.quirks.ntlmTimestamp,
          names: {
            nbDomain: domain,
            nbComputer: computer.slice(0, 15).toUpperCase(),
            dnsDomain: `${domain.toLowerCase()}.example`,
            dnsComputer: spec.name.includes('.') ? spec.name : `${spec.name}.${domain.toLowerCase()}.example`,
          },
          random: options.randomBytes,
          now: () => new Date(clock.now()),
          channelBinding: certificateDer === null ? null : tlsServerEndPoint(certificateDer),
          requireChannelBinding: wire.requireChannelBinding,
        },
      });
    },
  };
}
