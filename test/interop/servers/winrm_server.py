"""A small WinRM server whose authentication and sealing are somebody else's work.

--acceptor pyspnego     NTLM by pyspnego (pure Python)
--acceptor gss-ntlmssp  NTLM by gss-ntlmssp through python-gssapi (C, Debian packages gss-ntlmssp and python3-gssapi)
--acceptor kerberos     Kerberos by MIT's library through python-gssapi: bare under `Kerberos`, in SPNEGO under `Negotiate`
--acceptor basic        HTTP Basic; only sensible with --scheme https
--acceptor certificate  a client certificate, demanded by TLS (OpenSSL); only with --scheme https

It shares no line with the client under test. It keeps shells and commands as a server does, answers a few canned command lines
(see COMMANDS), and counts what it is asked. It is no model of Windows: the lab is.

Talk to it over its own stdin and stdout, one JSON document a line: when it listens it prints {"port": ..., "ca_file": ...};
for the line `log` it prints all requests seen so far; it ends when its stdin does.
"""

import argparse
import base64
import datetime
import hashlib
import http.server
import ipaddress
import json
import os
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
import uuid
import xml.etree.ElementTree as ET

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
X = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
R = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
F = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
STATE = R + "/CommandState/"
PASSPHRASE = b"key-Pass-1!"
CERTIFICATE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"

LANGUAGES = "Zürich größer\r\nПривет, порт 9933\r\n東京 ポート 9955 *\r\n"

TIMED_OUT = "timed-out"  # the fault that means: ask again
RUNNING = "running"  # OMI's way to say the same: Running without any stream
DROP = "drop"  # hang up instead of answering, once
HOLD = "hold"  # hold this Receive for eight seconds


def chunks(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


def plan_of(line):
    """What the Receives of a command give, in order: ("out"|"err", bytes), or one of the words above. And its exit code."""
    if line == "echo hello":
        return [[("out", b"hello\r\n")]], 0
    if line == "languages":
        data = LANGUAGES.encode("utf-8")
        cut = data.index("東".encode()) + 1  # inside the three bytes of one character
        return [TIMED_OUT, [("out", data[:2])], RUNNING, [("out", data[2:cut]), ("err", b"n")], [("out", data[cut:]), ("err", "ö".encode())]], 0
    if line == "one byte at a time":
        return [[("out", bytes([one]))] for one in "ä€😀*".encode("utf-8")], 0
    if line == "old code page":
        return [[("out", "größer 9933 *\r\n".encode("cp1252"))]], 0
    if line == "big":
        return [[("out", part) for part in chunks(b"0123456789abcdef" * 25600, 40000)[i : i + 2]] for i in range(0, 11, 2)], 0
    if line == "fail":
        return [[("err", b"no\r\n")]], 3221225786
    if line == "drop receive":
        return [[("out", b"be")], DROP, [("out", b"fore and after")]], 0
    if line == "slow":
        return [HOLD, [("out", b"at last")]], 0
    if line == "for ever":
        return [TIMED_OUT] * 100000, 0
    return [[("out", line.encode("utf-8"))]], 0


class Store:
    """Shells and commands. They outlive connections, as on a real server."""

    def __init__(self):
        self.lock = threading.Lock()
        self.shells = {}
        self.log = []
        self.connections = 0
        self.ran = []
        self.logons = []
        self.dropped = set()

    def note(self, **entry):
        with self.lock:
            self.log.append(entry)


class PyspnegoAcceptor:
    def __init__(self, bindings):
        import spnego
        import spnego.channel_bindings

        cbt = spnego.channel_bindings.GssChannelBindings(application_data=bindings) if bindings else None
        self.context = spnego.server(protocol="ntlm", channel_bindings=cbt)

    def step(self, token):
        return self.context.step(token)

    @property
    def complete(self):
        return self.context.complete

    def unseal(self, header, data):
        return self.context.unwrap_winrm(header, data)

    def seal(self, data):
        wrapped = self.context.wrap_winrm(data)
        return wrapped.header, wrapped.data


class GssNtlmsspAcceptor:
    def __init__(self, bindings):
        import gssapi

        self.gssapi = gssapi
        mech = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
        creds = gssapi.Credentials(usage="accept", mechs=[mech])
        cbt = gssapi.raw.ChannelBindings(application_data=bindings) if bindings else None
        self.context = gssapi.SecurityContext(usage="accept", creds=creds, channel_bindings=cbt)

    def step(self, token):
        return self.context.step(token)

    @property
    def complete(self):
        return self.context.complete

    def unseal(self, header, data):
        message = self.context.unwrap(header + data)
        if not message.encrypted:
            raise ValueError("not encrypted")
        return message.message

    def seal(self, data):
        token = self.context.wrap(data, True).message
        return token[:16], token[16:]


class KerberosAcceptor:
    """`spnego`: the token came under Negotiate."""

    def __init__(self, bindings, keytab, spnego):
        import gssapi

        mech = gssapi.OID.from_int_seq("1.3.6.1.5.5.2" if spnego else "1.2.840.113554.1.2.2")
        creds = gssapi.Credentials(usage="accept", mechs=[mech], store={"keytab": keytab})
        cbt = gssapi.raw.ChannelBindings(application_data=bindings) if bindings else None
        self.gssapi = gssapi
        self.context = gssapi.SecurityContext(usage="accept", creds=creds, channel_bindings=cbt)

    def step(self, token):
        return self.context.step(token)

    @property
    def complete(self):
        return self.context.complete

    def describe(self):
        flags = self.gssapi.RequirementFlag
        actual = int(self.context.actual_flags)
        return {
            "peer": str(self.context.initiator_name),
            "service": str(self.context.target_name),
            "mutual": bool(actual & flags.mutual_authentication),
            "confidential": bool(actual & flags.confidentiality),
            "delegated": bool(actual & flags.delegate_to_peer),
            "bound": bool(actual & 0x800),
        }

    def unseal(self, header, data):
        raw = self.gssapi.raw
        iov = raw.IOV((raw.IOVBufferType.header, False, header), (raw.IOVBufferType.data, False, data), std_layout=False)
        result = raw.unwrap_iov(self.context, iov)
        if not result.encrypted:
            raise ValueError("not encrypted")
        return iov[1].value

    def seal(self, data):
        raw = self.gssapi.raw
        iov = raw.IOV(raw.IOVBufferType.header, (raw.IOVBufferType.data, False, data), raw.IOVBufferType.padding, std_layout=False)
        raw.wrap_iov(self.context, iov, confidential=True)
        return iov[0].value, iov[1].value + (iov[2].value or b"")


class Hangup(Exception):
    pass


BOUNDARY = b"--Encrypted Boundary"


def read_multipart(body, protocol):
    """(plain length, header, data) of a multipart/encrypted body; strict where Windows is (MS-WSMV 2.2.9.1.1.2)."""
    start = BOUNDARY + b"\r\n\tContent-Type: " + protocol + b"\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length="
    if not body.startswith(start):
        raise ValueError("the first part is not as expected: %r" % body[:160])
    end_of_length = body.index(b"\r\n", len(start))
    plain_length = int(body[len(start) : end_of_length])
    second = BOUNDARY + b"\r\n\tContent-Type: application/octet-stream\r\n"
    at = end_of_length + 2
    if body[at : at + len(second)] != second:
        raise ValueError("the second part is not as expected: %r" % body[at : at + 80])
    if not body.endswith(BOUNDARY + b"--\r\n"):
        raise ValueError("no end boundary")
    rest = body[at + len(second) : -len(BOUNDARY + b"--\r\n")]
    (header_length,) = struct.unpack("<I", rest[:4])
    return plain_length, rest[4 : 4 + header_length], rest[4 + header_length :]


def write_multipart(plain_length, header, data, protocol):
    return b"".join(
        [
            BOUNDARY + b"\r\n",
            b"\tContent-Type: " + protocol + b"\r\n",
            b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n" % plain_length,
            BOUNDARY + b"\r\n",
            b"\tContent-Type: application/octet-stream\r\n",
            struct.pack("<I", len(header)),
            header,
            data,
            BOUNDARY + b"--\r\n",
        ]
    )


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""

    def setup(self):
        super().setup()
        self.acceptor = None
        self.authenticated = False
        self.protocol = b"application/HTTP-SPNEGO-session-encrypted"
        self.final = []
        store = self.server.store
        with store.lock:
            store.connections += 1
            self.connection_number = store.connections

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in list(headers) + self.final:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self, what, sealed, length):
        self.server.store.note(
            connection=self.connection_number,
            what=what,
            sealed=sealed,
            bytes=length,
            path=self.path,
            content_type=self.headers.get("Content-Type", ""),
            chunked="Transfer-Encoding" in self.headers,
        )

    def do_POST(self):
        length_header = self.headers.get("Content-Length")
        if length_header is None:
            self.note("no-length", False, 0)
            self.answer(411)
            return
        body = self.rfile.read(int(length_header))
        try:
            self.handle_post(body)
        except Hangup:
            self.hang_up()
        if self.word == "receive" and self.server.store.ran[-1:] == ["then hang up"]:
            self.wfile.flush()
            self.hang_up()
            self.note("hung up", False, 0)

    word = None

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def handle_post(self, body):
        if self.server.acceptor == "basic":
            expected = "Basic " + base64.b64encode(b"%s:%s" % (self.server.user.encode(), self.server.password.encode())).decode()
            if self.headers.get("Authorization") != expected:
                self.note("unauthenticated", False, len(body))
                self.answer(401, headers=[("WWW-Authenticate", 'Basic realm="WSMAN"'), ("WWW-Authenticate", "Kerberos")])
                return
            self.soap(body, sealed=False, prefix="")
            return
        if self.server.acceptor == "certificate":
            subject = dict(pair for part in self.connection.getpeercert().get("subject", ()) for pair in part).get("commonName")
            if self.headers.get("Authorization") != CERTIFICATE or subject != "ops":
                self.note("unauthenticated", False, len(body))
                self.answer(401, headers=[("WWW-Authenticate", CERTIFICATE), ("WWW-Authenticate", "Negotiate")])
                return
            self.soap(body, sealed=False, prefix="%s+" % self.connection.version())
            return
        prefix = ""
        self.final = []
        authorization = self.headers.get("Authorization")
        if self.server.acceptor == "kerberos" and authorization is not None:
            scheme, _, text = authorization.partition(" ")
            challenges = [("WWW-Authenticate", one) for one in self.server.offers]
            if scheme not in self.server.offers:
                self.note(scheme.lower() + " not offered", False, len(body))
                self.answer(401, headers=challenges)
                return
            self.authenticated = False
            self.acceptor = KerberosAcceptor(self.server.bindings, self.server.keytab, scheme == "Negotiate")
            try:
                out = self.acceptor.step(base64.b64decode(text))
                if not self.acceptor.complete:
                    raise ValueError("one token was not enough")
            except Exception as error:
                self.note("ap-req refused", False, len(body))
                print("refused:", error, file=sys.stderr)
                # The error token, which names the reason, goes with the refusal as RFC 4559 has it.
                reason = getattr(error, "token", None)
                first = [("WWW-Authenticate", scheme + " " + base64.b64encode(reason).decode())] if reason else []
                self.acceptor = None
                self.answer(401, headers=first + challenges)
                return
            self.authenticated = True
            self.server.store.logons.append(dict(self.acceptor.describe(), scheme=scheme))
            self.protocol = b"application/HTTP-%s-session-encrypted" % (b"SPNEGO" if scheme == "Negotiate" else b"Kerberos")
            if self.server.mood == "no-proof":
                out = None
            elif self.server.mood == "false-proof":
                out = out[:-1] + bytes([out[-1] ^ 1])
            self.final = [("WWW-Authenticate", scheme + " " + base64.b64encode(out).decode())] if out else []
            prefix = "ap-req+"
            if not body:
                self.note("ap-req", False, 0)
                self.answer(200)
                self.final = []
                return
            authorization = None
        if authorization is not None:
            scheme, _, text = authorization.partition(" ")
            token = base64.b64decode(text)
            kind = struct.unpack("<I", token[8:12])[0] if token.startswith(b"NTLMSSP\0") else 0
            if kind == 1 or self.acceptor is None:
                self.acceptor = self.server.new_acceptor()
                self.authenticated = False
            try:
                out = self.acceptor.step(token)
            except Exception as error:
                self.note("type%d refused" % kind, False, len(body))
                print("refused:", error, file=sys.stderr)
                self.acceptor = None
                self.answer(401, headers=[("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "Kerberos")])
                return
            if not self.acceptor.complete:
                self.note("type%d" % kind, False, len(body))
                self.answer(401, headers=[("WWW-Authenticate", "Negotiate " + base64.b64encode(out).decode())])
                return
            self.authenticated = True
            prefix = "type%d+" % kind
            mood = self.server.mood
            if body and mood in ("type3-body-ignored", "type3-body-400"):
                self.note(prefix + "dropped", True, len(body))
                self.answer(200 if mood == "type3-body-ignored" else 400)
                return
            if not body:
                self.note("type%d" % kind, False, 0)
                self.answer(200)
                return
        if not self.authenticated:
            self.note("unauthenticated", False, len(body))
            self.answer(401, headers=[("WWW-Authenticate", one) for one in self.server.offers])
            return
        if self.server.tls:
            self.soap(body, sealed=False, prefix=prefix)
            return
        content_type = self.headers.get("Content-Type", "")
        if not content_type.startswith('multipart/encrypted;protocol="%s"' % self.protocol.decode()):
            self.note(prefix + "in clear", False, len(body))
            self.answer(401, headers=[("WWW-Authenticate", "Negotiate")])
            return
        try:
            plain_length, header, data = read_multipart(body, self.protocol)
            plain = self.acceptor.unseal(header, data)
            if len(plain) != plain_length:
                raise ValueError("OriginalContent says %d, got %d bytes" % (plain_length, len(plain)))
        except Exception as error:
            print("not unsealed:", repr(error), file=sys.stderr)
            self.note(prefix + "not unsealed", True, len(body))
            self.answer(400)
            self.close_connection = True
            return
        self.soap(plain, sealed=True, prefix=prefix)

    def soap(self, plain, sealed, prefix):
        root = ET.fromstring(plain)
        action = root.findtext("{%s}Header/{%s}Action" % (S, A))
        word = action.rsplit("/", 1)[1].lower()
        self.note(prefix + word, sealed, len(plain))
        self.word = word
        status, envelope = self.server.operate(word, root)
        data = envelope.encode("utf-8")
        if not sealed:
            self.answer(status, data, [("Content-Type", "application/soap+xml;charset=UTF-8")])
            return
        if self.server.mood == "answers-in-clear" and word == "receive":
            self.answer(status, data, [("Content-Type", "application/soap+xml;charset=UTF-8")])
            return
        header, cipher = self.acceptor.seal(data)
        kind = 'multipart/encrypted;protocol="%s";boundary="Encrypted Boundary"' % self.protocol.decode()
        if self.server.mood == "breaks-seal" and word == "receive":
            cipher = bytes([cipher[0] ^ 1]) + cipher[1:]
        self.answer(status, write_multipart(len(data), header, cipher, self.protocol), [("Content-Type", kind)])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass

    def new_acceptor(self):
        return (PyspnegoAcceptor if self.acceptor == "pyspnego" else GssNtlmsspAcceptor)(self.bindings)

    def operate(self, word, root):
        """(HTTP status, envelope) for one operation."""
        store = self.store
        message_id = root.findtext("{%s}Header/{%s}MessageID" % (S, A))

        def envelope(action, body):
            return (
                '<s:Envelope xml:lang="en-US" xmlns:s="%s" xmlns:a="%s" xmlns:x="%s" xmlns:w="%s" xmlns:rsp="%s">'
                "<s:Header><a:Action>%s</a:Action><a:MessageID>uuid:%s</a:MessageID>"
                "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To><a:RelatesTo>%s</a:RelatesTo>"
                "</s:Header><s:Body>%s</s:Body></s:Envelope>"
            ) % (S, A, X, W, R, action, str(uuid.uuid4()).upper(), message_id, body)

        def fault(code, subcode, text):
            body = (
                "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>%s</s:Value></s:Subcode></s:Code>"
                '<s:Reason><s:Text xml:lang="">%s</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="%s" Code="%d" Machine="peer">'
                "<f:Message>%s</f:Message></f:WSManFault></s:Detail></s:Fault>"
            ) % (subcode, text, F, code, text)
            return 500, envelope("http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", body)

        def gone():
            return fault(2150858843, "w:InvalidSelectors", "Die Anforderung enthielt ungültige Selektoren für die Ressource.")

        if word == "create":
            if self.mood == "access-denied":
                return fault(5, "w:AccessDenied", "Zugriff verweigert")
            shell = str(uuid.uuid4()).upper()
            with store.lock:
                store.shells[shell] = {}
            return 200, envelope(
                X + "/CreateResponse",
                "<x:ResourceCreated><a:Address>http://peer/wsman</a:Address><a:ReferenceParameters><w:ResourceURI>%s</w:ResourceURI>"
                '<w:SelectorSet><w:Selector Name="ShellId">%s</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>'
                "<rsp:Shell><rsp:ShellId>%s</rsp:ShellId></rsp:Shell>" % (SHELL, shell, shell),
            )
        shell = next((one.text for one in root.iter("{%s}Selector" % W) if one.get("Name").lower() == "shellid"), None)
        with store.lock:
            commands = store.shells.get(shell)
        if commands is None:
            return gone()
        if word == "delete":
            with store.lock:
                store.shells.pop(shell, None)
            return 200, envelope(X + "/DeleteResponse", "")
        if word == "command":
            line = " ".join(one.text or "" for one in root.iter() if one.tag in ("{%s}Command" % R, "{%s}Arguments" % R))
            bare = line[1:-1] if line.startswith('"') and line.endswith('"') else line
            if bare == "shell gone once" and bare not in store.dropped:
                store.dropped.add(bare)
                with store.lock:
                    store.shells.pop(shell, None)
                return gone()
            if bare.startswith("busy once") and bare not in store.dropped:
                store.dropped.add(bare)
                return fault(2150859174, "w:QuotaLimit", "Zu viele Vorgänge")
            plan, code = plan_of(bare)
            command = str(uuid.uuid4()).upper()
            with store.lock:
                store.ran.append(bare)
                commands[command] = {"plan": list(plan), "code": code}
            if bare.startswith("drop command") and bare not in store.dropped:
                store.dropped.add(bare)
                raise Hangup()
            return 200, envelope(R + "/CommandResponse", "<rsp:CommandResponse><rsp:CommandId>%s</rsp:CommandId></rsp:CommandResponse>" % command)
        if word == "receive":
            stream = root.find(".//{%s}DesiredStream" % R)
            command = stream.get("CommandId") if stream is not None else None
            state = commands.get(command)
            if state is None:
                return gone()
            return self.receive(command, state, envelope, fault)
        if word == "signal":
            return 200, envelope(R + "/SignalResponse", "<rsp:SignalResponse/>")
        return fault(2150858752, "a:ActionNotSupported", "unknown action")

    def receive(self, command, state, envelope, fault):
        part = state["plan"].pop(0) if state["plan"] else []
        if part == DROP:
            raise Hangup()
        if part == HOLD:
            time.sleep(8)
            part = state["plan"].pop(0) if state["plan"] else []
        if part == TIMED_OUT:
            if self.store.ran and self.store.ran[-1] == "for ever":
                time.sleep(0.2)
            return fault(2150858793, "w:TimedOut", "Der Vorgang konnte nicht innerhalb der angegebenen Zeit beendet werden.")
        body = "<rsp:ReceiveResponse>"
        for stream, data in [] if part == RUNNING else part:
            name = "stdout" if stream == "out" else "stderr"
            body += '<rsp:Stream Name="%s" CommandId="%s">%s</rsp:Stream>' % (name, command, base64.b64encode(data).decode())
        if state["plan"]:
            body += '<rsp:CommandState CommandId="%s" State="%sRunning"/>' % (command, STATE)
        else:
            for name in ("stdout", "stderr"):
                body += '<rsp:Stream Name="%s" CommandId="%s" End="true"/>' % (name, command)
            body += '<rsp:CommandState CommandId="%s" State="%sDone"><rsp:ExitCode>%d</rsp:ExitCode></rsp:CommandState>' % (command, STATE, state["code"])
        return 200, envelope(R + "/ReceiveResponse", body + "</rsp:ReceiveResponse>")


def make_certificate(folder):
    """A CA and a certificate for localhost and 127.0.0.1 signed by it: (CA file, certificate and key file, DER)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs12
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.utcnow()

    def build(subject, issuer, key, signer, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA384())

    ca_key, key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "interop peer CA")])
    ca = build(ca_name, ca_name, ca_key, ca_key, [(x509.BasicConstraints(ca=True, path_length=None), True)])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    leaf = build(leaf_name, ca_name, key, ca_key, [(names, False)])
    ca_file, leaf_file = os.path.join(folder, "ca.pem"), os.path.join(folder, "server.pem")
    with open(ca_file, "wb") as out:
        out.write(ca.public_bytes(serialization.Encoding.PEM))
    with open(leaf_file, "wb") as out:
        out.write(leaf.public_bytes(serialization.Encoding.PEM))
        out.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    def own(name, signer_name, signer, common_name):
        """Files with a certificate for a client: PEM, its key under a passphrase, and both as PFX."""
        client_key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        certificate = build(subject, signer_name, client_key, signer, [(usage, False)])
        secret = serialization.BestAvailableEncryption(PASSPHRASE)
        files = {kind: os.path.join(folder, name + "." + kind) for kind in ("pem", "key", "pfx")}
        contents = {
            "pem": certificate.public_bytes(serialization.Encoding.PEM),
            "key": client_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret),
            "pfx": pkcs12.serialize_key_and_certificates(name.encode(), client_key, certificate, None, secret),
        }
        for kind, content in contents.items():
            with open(files[kind], "wb") as out:
                out.write(content)
        return files

    other_key = ec.generate_private_key(ec.SECP256R1())
    other_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "another CA")])
    clients = {
        "ops": own("ops", ca_name, ca_key, "ops"),
        "unmapped": own("unmapped", ca_name, ca_key, "somebody"),
        "foreign": own("foreign", other_name, other_key, "ops"),
    }
    return ca_file, leaf_file, leaf.public_bytes(serialization.Encoding.DER), clients


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acceptor", choices=["pyspnego", "gss-ntlmssp", "kerberos", "basic", "certificate"], required=True)
    parser.add_argument("--scheme", choices=["http", "https"], default="http")
    moods = ["none", "type3-body-ignored", "type3-body-400", "answers-in-clear", "access-denied", "wrong-bindings", "no-proof", "false-proof", "breaks-seal"]
    parser.add_argument("--mood", choices=moods, default="none")
    parser.add_argument("--domain", default="PEER")
    parser.add_argument("--user", default="winrm")
    parser.add_argument("--password", default="Grün-Pass-1!")
    parser.add_argument("--keytab")
    parser.add_argument("--offers", default="Negotiate,Kerberos", help="schemes, separated by commas")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        users = os.path.join(folder, "users")
        with open(users, "w", encoding="utf-8") as out:
            out.write("%s:%s:%s\n" % (options.domain, options.user, options.password))
        os.environ["NTLM_USER_FILE"] = users
        os.environ["NETBIOS_COMPUTER_NAME"] = "PEERHOST"
        os.environ["NETBIOS_DOMAIN_NAME"] = options.domain
        server = Server(("127.0.0.1", 0), Handler)
        server.store, server.acceptor, server.mood = Store(), options.acceptor, options.mood
        server.user, server.password = options.user, options.password
        server.keytab, server.offers = options.keytab, options.offers.split(",")
        server.tls, server.bindings, ca_file, clients = options.scheme == "https", None, None, {}
        if server.tls:
            ca_file, leaf_file, der, clients = make_certificate(folder)
            # The certificate is signed with SHA-384, so its hash for channel bindings is SHA-384 too (RFC 5929 section 4.1).
            digest = hashlib.sha384(der if options.mood != "wrong-bindings" else b"another certificate").digest()
            server.bindings = b"tls-server-end-point:" + digest
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(leaf_file)
            if options.acceptor == "certificate":
                tls.load_verify_locations(ca_file)
                tls.verify_mode = ssl.CERT_REQUIRED
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"port": server.server_address[1], "ca_file": ca_file, "clients": clients}), flush=True)
        for line in sys.stdin:
            if line.strip() == "log":
                with server.store.lock:
                    state = {
                        "requests": server.store.log,
                        "connections": server.store.connections,
                        "ran": server.store.ran,
                        "logons": server.store.logons,
                        "shells": len(server.store.shells),
                    }
                    print(json.dumps(state), flush=True)
        server.shutdown()


main()
