"""A mail server by aiosmtpd, which shares no line with nodemailer. What comes is read by Python's own email package.

--tls starttls   offers STARTTLS and takes no mail before it
--tls implicit   TLS from the first byte

It takes one login (--user, --password) and prints one JSON document a line: {"port": ...} when it listens, then each mail. It ends when its
stdin does.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

parser = argparse.ArgumentParser()
parser.add_argument("--tls", choices=["starttls", "implicit"], required=True)
parser.add_argument("--cert", required=True)
parser.add_argument("--key", required=True)
parser.add_argument("--user", required=True)
parser.add_argument("--password", required=True)
options = parser.parse_args()

context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(options.cert, options.key)


def say(document):
    print(json.dumps(document), flush=True)


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "subject": message["Subject"],
                "messageId": message["Message-ID"],
                "autoSubmitted": message["Auto-Submitted"],
                "type": message.get_content_type(),
                "text": message.get_content(),
                "secure": session.ssl is not None or options.tls == "implicit",
                "defects": [str(one) for one in message.defects],
            }
        )
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    expected = LoginPassword(options.user.encode(), options.password.encode())
    # Not handled: aiosmtpd itself answers 535.
    return AuthResult(success=isinstance(data, LoginPassword) and data == expected, handled=False)


def create_server():
    starttls = options.tls == "starttls"
    return SMTP(
        Mailbox(),
        loop=asyncio.get_running_loop(),
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=starttls,
        tls_context=context if starttls else None,
        require_starttls=starttls,
    )


async def main():
    loop = asyncio.get_running_loop()
    implicit = context if options.tls == "implicit" else None
    server = await loop.create_server(create_server, "127.0.0.1", 0, ssl=implicit)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
