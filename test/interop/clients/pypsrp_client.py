"""Runs one command, or asks for an unknown shell, with pypsrp. One JSON document in on stdin, one out on stdout.

`way`: `process` uses WSMan, WinRS and Process with a code page; `execute_cmd` uses the client's own short way.
"""

import base64
import json
import sys
from urllib.parse import urlsplit

from pypsrp.client import Client
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from pypsrp.shell import Process, SignalCode, WinRS
from pypsrp.wsman import SelectorSet, WSMan


def main() -> None:
    asked = json.load(sys.stdin)
    url = urlsplit(asked["url"])
    settings = {
        "port": url.port,
        "ssl": url.scheme == "https",
        "auth": asked["auth"],
        "username": asked["username"],
        "password": asked["password"] or None,
        "encryption": asked["encryption"],
        "cert_validation": asked.get("ca_file") or True,
        "operation_timeout": 10,
        "read_timeout": 15,
        "no_proxy": True,
        **({"negotiate_hostname_override": asked["kerberos_hostname"], "negotiate_service": "HTTP"} if asked.get("kerberos_hostname") else {}),
    }
    try:
        run = execute_cmd if asked.get("way") == "execute_cmd" else process
        print(json.dumps(run(url.hostname, settings, asked)))
    except WSManFaultError as error:
        print(json.dumps({"error": "fault", "code": error.code, "said": str(error)}))
    except WinRMTransportError as error:
        print(json.dumps({"error": "WinRMTransportError", "code": error.code, "said": str(error)}))
    except AuthenticationError as error:
        print(json.dumps({"error": "AuthenticationError", "code": None, "said": str(error)}))


def process(host: str, settings: dict, asked: dict) -> dict:
    with WSMan(host, **settings) as wsman:
        if asked.get("unknown_shell"):
            selectors = SelectorSet()
            selectors.add_option("ShellId", asked["unknown_shell"])
            wsman.delete(WinRS(wsman).resource_uri, selector_set=selectors)
            return {}
        with WinRS(wsman, codepage=asked.get("code_page", 65001)) as shell:
            ran = Process(shell, asked["command"], asked.get("arguments", []))
            ran.invoke()
            ran.signal(SignalCode.TERMINATE)
        return {
            "stdout": base64.b64encode(ran.stdout).decode(),
            "stderr": base64.b64encode(ran.stderr).decode(),
            "exit_code": ran.rc,
        }


def execute_cmd(host: str, settings: dict, asked: dict) -> dict:
    line = " ".join([asked["command"], *asked.get("arguments", [])])
    encoding = asked["encoding"]
    with Client(host, **settings) as client:
        stdout, stderr, exit_code = client.execute_cmd(line, encoding=encoding)
    return {
        "stdout": base64.b64encode(stdout.encode(encoding)).decode(),
        "stderr": base64.b64encode(stderr.encode(encoding)).decode(),
        "exit_code": exit_code,
    }


main()
